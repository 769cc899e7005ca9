import { useQueries, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import type { Operation, Piece, Step } from '@/api/contract';
import { pieceQuery, piecesQuery } from '@/api/flows';

/** Everything that steps of an engine can be made of. */
export function useCatalogue(workspace: string, engine: string) {
  const list = useQuery(piecesQuery(workspace, engine));
  const details = useQueries({
    queries: (list.data ?? []).map(({ name }) => pieceQuery(workspace, engine, name)),
    combine: (results) => ({
      pieces: results.flatMap(({ data }) => (data ? [data] : [])),
      pending: results.some(({ isPending }) => isPending),
      error: results.find(({ error }) => error)?.error,
    }),
  });
  const byName = useMemo(() => new Map(details.pieces.map((piece) => [piece.name, piece])), [details.pieces]);
  const pieceOf = useCallback((step: Pick<Step, 'piece'>): Piece | undefined => byName.get(step.piece), [byName]);
  const operationOf = useCallback(
    (step: Pick<Step, 'piece' | 'operation'>): Operation | undefined =>
      byName.get(step.piece)?.operations.find(({ name, aliases }) => name === step.operation || aliases?.includes(step.operation)),
    [byName],
  );
  return {
    pieces: details.pieces,
    pieceOf,
    operationOf,
    pending: list.isPending || details.pending,
    error: list.error ?? details.error ?? null,
  };
}

export type Catalogue = ReturnType<typeof useCatalogue>;
