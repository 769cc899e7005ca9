import { QueryClient } from '@tanstack/react-query';
import { Problem } from '@/api/problem';

/** Refusals are answers; only what a second try may mend is tried again. */
const temporary = (error: unknown) => !(error instanceof Problem) || error.status === 0 || error.status >= 500;

export const cache = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 2 && temporary(error),
    },
  },
});
