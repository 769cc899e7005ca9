import { infiniteQueryOptions } from '@tanstack/react-query';
import type { Page } from './contract';

type Read<T> = (paging: { limit: number; cursor?: string }) => Promise<Page<T>>;

/** A list read page by page. */
export function pages<T>(key: readonly unknown[], read: Read<T>) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }) => read({ limit: 50, cursor: pageParam ?? undefined }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    select: (data) => data.pages.flatMap((page) => page.items),
  });
}

/** A list that is short by nature, read in one piece. */
export async function whole<T>(read: Read<T>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: Page<T> = await read({ limit: 200, cursor: cursor ?? undefined });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor);
  return items;
}
