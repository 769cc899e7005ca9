import { IconMapQuestion } from '@tabler/icons-react';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
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

/** A page that broke: said in place, with another try. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Page title={m.missing.broken}>
      <ProblemView
        error={error}
        retry={() => {
          reset();
          return router.invalidate();
        }}
      />
    </Page>
  );
}
