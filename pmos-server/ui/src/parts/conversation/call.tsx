import { Collapse, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { approvalQuery } from '@/api/approvals';
import type { ToolCall } from '@/api/contract';
import { m } from '@/messages/en';
import { EffectPill } from '../effect';
import { usePeople } from '../people';
import { Raw } from '../raw';
import { Ago, duration } from '../time';
import { useWorkspace } from '../workspace';
import { CallIcon } from './call-status';
import classes from './conversation.module.css';

/** A call of a tool: what it is, how it ended, and all of it on demand. */
export function Call({ call }: { call: ToolCall }) {
  const { title, status, effect, error, duration_ms } = call;
  const [opened, setOpened] = useState(false);
  const body = useId();
  return (
    <li>
      <UnstyledButton className={classes.call} aria-expanded={opened} aria-controls={body} onClick={() => setOpened(!opened)}>
        <CallIcon status={status} />
        <span className={classes.callTitle}>{title}</span>
        {effect !== 'read' && <EffectPill effect={effect} />}
        {duration_ms !== null && duration_ms !== undefined && (
          <Text size="xs" c="dimmed" span className={classes.took}>
            {duration(duration_ms)}
          </Text>
        )}
        <IconChevronDown size={16} stroke={1.75} className={classes.chevron} data-opened={opened || undefined} aria-hidden />
      </UnstyledButton>
      {error && (
        <Text size="sm" c="var(--pm-bad)" className={classes.callError}>
          {error.message}
        </Text>
      )}
      <Collapse expanded={opened} id={body}>
        {opened && <CallDetails call={call} />}
      </Collapse>
    </li>
  );
}

function CallDetails({ call: { title, tool, arguments: given, result, approval, error } }: { call: ToolCall }) {
  return (
    <Stack gap={10} className={classes.callBody}>
      <Text size="xs" c="dimmed">
        {error ? m.chat.toolFailed(tool, error.code) : m.chat.tool(tool)}
      </Text>
      {approval && <Decision approval={approval} />}
      <Labelled title={m.approvals.arguments}>
        <Raw label={m.approvals.argumentsOf(title)} value={given} />
      </Labelled>
      {result && (
        <Labelled title={m.approvals.result}>
          <Raw label={m.approvals.resultOf(title)} value={result} />
        </Labelled>
      )}
    </Stack>
  );
}

/** Who said what to the request that a call waited for. */
function Decision({ approval: id }: { approval: string }) {
  const { id: workspace } = useWorkspace();
  const { nameOf, isMe } = usePeople();
  const { data } = useQuery(approvalQuery(workspace, id));
  return data?.decisions.map(({ by, decision, at }) => (
    <Text key={by + at} size="sm">
      {m.approvals.decided[decision](nameOf(by), isMe(by))} <Ago at={at} span inherit c="dimmed" />
      {data.edited && ` ${m.approvals.edited}`}
    </Text>
  ));
}

function Labelled({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" fw={600} c="dimmed" mb={4}>
        {title}
      </Text>
      {children}
    </div>
  );
}
