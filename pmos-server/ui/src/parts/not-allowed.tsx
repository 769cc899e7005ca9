import { IconLock } from '@tabler/icons-react';
import { m } from '@/messages/en';
import { Empty } from './empty';
import { Section } from './page';

/** A page that exists but not for this role, with the reason. */
export function NotAllowed({ reason }: { reason: string }) {
  return (
    <Section>
      <Empty icon={IconLock} title={m.why.closed} text={reason} />
    </Section>
  );
}
