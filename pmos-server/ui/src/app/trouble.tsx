import { IconMapQuestion, IconUserOff } from '@tabler/icons-react';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { problemOf } from '@/api/problem';
import { reach } from '@/api/reach';
import { m } from '@/messages/en';
import { ButtonLink } from '@/parts/link';
import { Empty } from '@/parts/empty';
import { Page } from '@/parts/page';
import { ProblemView } from '@/parts/problem';

/** An address that leads nowhere, or to something that is not ours. */
export function Missing() {
  return (
    <Page title={m.missing.title}>
      <Empty icon={IconMapQuestion} title={m.missing.head} text={m.problem.notFound}>
        <ButtonLink to="/">
          {m.missing.home}
        </ButtonLink>
      </Empty>
    </Page>
  );
}

/** A workspace that one belonged to a moment ago. */
export function Left({ name }: { name: string }) {
  return (
    <Page title={name}>
      <Empty icon={IconUserOff} title={m.missing.left(name)} text={m.missing.leftText}>
        <ButtonLink to="/">{m.missing.home}</ButtonLink>
      </Empty>
    </Page>
  );
}

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
