import { Group, Stack, Text } from '@mantine/core';
import { IconKey, IconWorld } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { connectionsQuery } from '@/api/connections';
import type { Approval, DoneEdit } from '@/api/contract';
import { flowQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { plainWordsOf, told } from '../edit-words';
import { TextLink } from '../link';
import { usePeople } from '../people';
import { Raw } from '../raw';
import { Sentences } from '../sentences';
import { Pill } from '../status';
import { Ago } from '../time';
import { useWorkspace } from '../workspace';

/** What an act on an automation will touch. */
interface Preview {
  flow: string;
  name: string;
  flow_diff?: DoneEdit[];
  hosts?: string[];
  connections?: string[];
}

/** Who asks for what, and what it will touch. */
export function ApprovalDetails({ approval }: { approval: Approval }) {
  const { requested_by, created_at, expires_at, status, decisions, edited, error, result } = approval;
  const { nameOf, isMe } = usePeople();
  const { actor } = requested_by;
  const preview = approval.preview as Preview | null | undefined;
  return (
    <Stack gap={12}>
      <Text size="sm" c="dimmed">
        {actor.kind === 'agent' ? m.approvals.askedByAssistant(nameOf(actor.id)) : m.approvals.askedBy(nameOf(actor.id))}{' '}
        <Ago at={created_at} span inherit />
        {status === 'pending' && (
          <>
            {' · '}
            {m.approvals.waitsUntil} <Ago at={expires_at} span inherit />
          </>
        )}
      </Text>
      {preview && <Touches preview={preview} of={approval} />}
      <Part title={edited ? m.approvals.editedArguments : m.approvals.arguments}>
        <Raw label={m.approvals.argumentsOf(approval.summary)} value={approval.arguments} />
      </Part>
      {decisions.map(({ by, decision, at }) => (
        <Text key={by + at} size="sm">
          {m.approvals.decided[decision](nameOf(by), isMe(by))} <Ago at={at} span inherit c="dimmed" />
        </Text>
      ))}
      {edited && <Text size="sm">{m.approvals.edited}</Text>}
      {error && (
        <Text size="sm" c="var(--pm-bad)">
          {m.approvals.failedWith(error)}
        </Text>
      )}
      {result !== undefined && result !== null && (
        <Part title={m.approvals.result}>
          <Raw label={m.approvals.resultOf(approval.summary)} value={result} />
        </Part>
      )}
    </Stack>
  );
}

function Touches({ preview: { flow: id, name, flow_diff: edits = [], hosts = [], connections = [] }, of }: { preview: Preview; of: Approval }) {
  const { id: workspace } = useWorkspace();
  const flow = useQuery({ ...flowQuery(workspace, id), retry: false });
  const known = useQuery({ ...connectionsQuery(workspace), enabled: connections.length > 0 });
  const sentences = told(edits, plainWordsOf(flow.data?.draft.steps ?? [], edits));
  return (
    <>
      <Text size="sm">
        {m.approvals.about}{' '}
        <TextLink to="/w/$workspace/automations/$flow" params={{ workspace, flow: id }} size="sm">
          {name}
        </TextLink>
      </Text>
      {of.action === 'flows.publish' && (
        <Part title={m.approvals.changes}>
          <Text size="sm" component="div">
            {sentences.length > 0 ? <Sentences sentences={sentences} /> : m.approvals.noChanges}
          </Text>
        </Part>
      )}
      {(hosts.length > 0 || connections.length > 0) && (
        <Part title={m.approvals.reaches}>
          <Group gap={6}>
            {hosts.map((host) => (
              <Pill key={host} tone="quiet" icon={IconWorld} children={host} />
            ))}
            {connections.map((each) => (
              <Pill key={each} tone="quiet" icon={IconKey} children={known.data?.find(({ id: one }) => one === each)?.name ?? m.approvals.aConnection} />
            ))}
          </Group>
        </Part>
      )}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" fw={600} c="dimmed" mb={4}>
        {title}
      </Text>
      {children}
    </div>
  );
}
