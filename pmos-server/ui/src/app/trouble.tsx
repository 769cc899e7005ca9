import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { problemOf } from '@/api/problem';
import { reach } from '@/api/reach';
import { m } from '@/messages/en';
import { Page } from '@/parts/page';
import { ProblemView } from '@/parts/problem';

/** A page that broke: said in place, with another try. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    return router.invalidate();
  };
  const again = useRef(retry);
  again.current = retry;
  useEffect(() => (problemOf(error).status === 0 ? reach.onBack(() => void again.current()) : undefined), [error]);
  return (
    <Page title={m.missing.broken}>
      <ProblemView error={error} retry={retry} />
    </Page>
  );
}
