import { IconMapQuestion, IconUserOff } from '@tabler/icons-react';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { Empty } from './empty';
import { ButtonLink } from './link';
import { Page } from './page';

/** Whether an address names nothing: what is in it is not there, not ours, or no id at all. */
export const leadsNowhere = (error: Error) => [400, 404, 422].includes(problemOf(error).status);

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
