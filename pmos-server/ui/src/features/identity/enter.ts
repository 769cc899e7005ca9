import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import type { Me } from '@/api/contract';
import { keys } from '@/api/keys';

/** Goes on after a sign-in, to where the person wanted to be. Only to pages of this site, whatever the address says. */
export function useEnter() {
  const cache = useQueryClient();
  const router = useRouter();
  return async (me: Me, next?: string) => {
    cache.clear();
    cache.setQueryData(keys.me, me);
    if (next && /^\/(?![/\\])/.test(next)) router.history.push(next);
    else await router.navigate({ to: '/' });
  };
}
