import { infiniteQueryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { Page } from './contract';

/** A list read page by page. */
export function pages<T>(
  key: readonly unknown[],
  route: string,
  path: Record<string, string>,
  query: Record<string, unknown> = {},
) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      call<Page<T>>('get', route, { path, query: { ...query, limit: 50, cursor: pageParam ?? undefined } }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: (data) => data.pages.flatMap((page) => page.items),
  });
}

/** A list that is short by nature, read in one piece. */
export async function whole<T>(route: string, path: Record<string, string>, query: Record<string, unknown> = {}): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await call('get', route, { path, query: { ...query, limit: 200, cursor: cursor ?? undefined } });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}
