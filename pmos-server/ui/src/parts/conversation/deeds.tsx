import { Text } from '@mantine/core';
import { useId } from 'react';
import type { Deed } from '@/api/contract';
import { m } from '@/messages/en';
import { CallPill } from './call-status';
import classes from './conversation.module.css';

/** What was really done, read from the acts: what the assistant says of it stands elsewhere. */
export function Deeds({ deeds }: { deeds: Deed[] }) {
  const heading = useId();
  return (
    <section className={classes.deeds} aria-labelledby={heading}>
      <Text size="xs" fw={600} id={heading}>
        {m.chat.deeds}
      </Text>
      <ul>
        {deeds.map(({ tool_call, title, status }) => (
          <li key={tool_call}>
            <Text span size="sm">
              {title}
            </Text>
            <CallPill status={status} />
          </li>
        ))}
      </ul>
    </section>
  );
}
