import { useQueries } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { Graph, Operation, Piece, Step } from '@/api/contract';
import { pieceQuery } from '@/api/flows';
import { problemOf } from '@/api/problem';

const combine = (results: { data?: Piece; isPending: boolean; error: Error | null }[]) => ({
  pieces: results.flatMap(({ data }) => (data ? [data] : [])),
  pending: results.some(({ isPending }) => isPending),
  // That there is no such piece is an answer: its steps are shown as they are.
  error: results.find((result) => result.error && problemOf(result.error).status !== 404)?.error ?? null,
});

/** What the steps of a flow are made of. Only these pieces are read: the catalogue of an engine may be large. */
export function useCatalogue(workspace: string, engine: string, graph: Graph) {
  const names = useMemo(() => [...new Set(graph.steps.map(({ piece }) => piece))].sort(), [graph.steps]);
  const { pieces, pending, error } = useQueries({ queries: names.map((name) => pieceQuery(workspace, engine, name)), combine });
  const byName = useMemo(() => new Map(pieces.map((piece) => [piece.name, piece])), [pieces]);
  const pieceOf = useCallback((step: Pick<Step, 'piece'>): Piece | undefined => byName.get(step.piece), [byName]);
  const operationOf = useCallback(
    (step: Pick<Step, 'piece' | 'operation'>): Operation | undefined =>
      byName.get(step.piece)?.operations.find(({ name, aliases }) => name === step.operation || aliases?.includes(step.operation)),
    [byName],
  );
  return {
    pieceOf,
    operationOf,
    pending,
    error,
    /** The steps whose settings have no form here. */
    unknown: useMemo(() => (pending ? [] : graph.steps.filter((step) => !operationOf(step))), [pending, graph.steps, operationOf]),
  };
}

export type Catalogue = ReturnType<typeof useCatalogue>;
