import { useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { Flow, Operation, Piece, Step } from '@/api/contract';
import { pieceQuery } from '@/api/flows';
import { problemOf } from '@/api/problem';
import { formOf } from './forms';

const combine = (results: { data?: Piece; isPending: boolean; error: Error | null }[]) => ({
  pieces: results.flatMap(({ data }) => (data ? [data] : [])),
  pending: results.some(({ isPending }) => isPending),
  // That there is no such piece is an answer: its steps are shown as they are.
  error: results.find((result) => result.error && problemOf(result.error).status !== 404)?.error ?? null,
});

type Found = ReturnType<typeof combine>;

/** What the first answer and the others come to; the others are not waited for when the first one is a refusal. */
function together(first: Parameters<typeof combine>[0][number], others: Found, told: boolean): Found {
  const one = combine([first]);
  if (!told) return { ...one, pending: first.error ? false : one.pending };
  return { pieces: [...one.pieces, ...others.pieces], pending: others.pending, error: others.error };
}

/** What the steps of a flow are made of. Only these pieces are read: the catalogue of an engine may be large. */
export function useCatalogue(workspace: string, { engine, forms, draft: { steps } }: Flow) {
  const nameOf = useCallback((step: Pick<Step, 'id' | 'piece'>) => formOf(forms, step), [forms]);
  const names = useMemo(() => [...new Set(steps.map(nameOf))].sort(), [steps, nameOf]);
  // An engine that does not tell what it has is asked once, and not once for every piece.
  const first = useQuery({ ...pieceQuery(workspace, engine, names[0] ?? ''), enabled: names.length > 0 });
  const told = first.data !== undefined || problemOf(first.error).status === 404;
  const others = useQueries({ queries: names.slice(1).map((name) => ({ ...pieceQuery(workspace, engine, name), enabled: told })), combine });
  const { pieces, pending, error } = useMemo(() => together(first, others, told), [first.data, first.isPending, first.error, others, told]);
  const byName = useMemo(() => new Map(pieces.map((piece) => [piece.name, piece])), [pieces]);
  const pieceOf = useCallback((step: Pick<Step, 'id' | 'piece'>): Piece | undefined => byName.get(nameOf(step)), [byName, nameOf]);
  const operationOf = useCallback(
    (step: Step): Operation | undefined =>
      pieceOf(step)?.operations.find(({ name, aliases }) => name === step.operation || aliases?.includes(step.operation)),
    [pieceOf],
  );
  return {
    /** The name under which the server knows what describes a step. */
    nameOf,
    pieceOf,
    operationOf,
    pending,
    error,
    /** The steps whose settings have no form here. */
    unknown: useMemo(() => (pending ? [] : steps.filter((step) => !operationOf(step))), [pending, steps, operationOf]),
  };
}

export type Catalogue = ReturnType<typeof useCatalogue>;
