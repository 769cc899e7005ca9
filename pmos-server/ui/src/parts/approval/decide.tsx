import { Button, Group, Stack, Text } from '@mantine/core';
import { IconCheck, IconClockCheck, IconPencil, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { approvals, type Verdict } from '@/api/approvals';
import type { Approval } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Act } from '../act';
import { CodeText } from '../json';
import { isObject } from '../objects';
import { usePeople } from '../people';
import { ProblemView } from '../problem';
import { useWorkspace } from '../workspace';

const HOUR = 3_600;

/** What a person can say to a request that waits. */
export function Decide({ approval }: { approval: Approval }) {
  const { id: workspace } = useWorkspace();
  const { isMe } = usePeople();
  const cache = useQueryClient();
  const [editing, setEditing] = useState(false);
  const decide = useMutation({
    mutationFn: (verdict: Verdict) => approvals.decide(workspace, approval.id, verdict),
    onSuccess: (decided) => {
      cache.setQueryData(keys.of(workspace, 'approval', approval.id), decided);
      void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'approvals') });
    },
    // Another person may have been faster.
    onError: () => void cache.invalidateQueries({ queryKey: keys.of(workspace, 'approval', approval.id) }),
  });
  const reason = approval.decidable ? null : isMe(approval.requested_by.actor.id) ? m.approvals.fourEyesReason : m.approvals.notYours;
  const saying = decide.isPending ? decide.variables : null;
  if (editing) {
    return (
      <EditArguments
        approval={approval}
        busy={decide.isPending}
        error={decide.error}
        onCancel={() => setEditing(false)}
        onApprove={(edited) => decide.mutate({ decision: 'approve', arguments: edited })}
      />
    );
  }
  return (
    <Stack gap="sm">
      {decide.error && <ProblemView error={decide.error} />}
      <Group gap={8}>
        <Act
          reason={reason}
          leftSection={<IconCheck size={18} stroke={1.75} />}
          loading={saying?.decision === 'approve' && !saying.grant_for}
          onClick={() => decide.mutate({ decision: 'approve' })}
        >
          {m.approvals.approve}
        </Act>
        <Act
          reason={reason}
          variant="default"
          leftSection={<IconX size={18} stroke={1.75} />}
          loading={saying?.decision === 'deny'}
          onClick={() => decide.mutate({ decision: 'deny' })}
        >
          {m.approvals.deny}
        </Act>
        <Act reason={reason} variant="subtle" leftSection={<IconPencil size={18} stroke={1.75} />} onClick={() => setEditing(true)}>
          {m.approvals.edit}
        </Act>
        <Act
          reason={reason}
          variant="subtle"
          leftSection={<IconClockCheck size={18} stroke={1.75} />}
          loading={saying?.grant_for !== undefined}
          onClick={() => decide.mutate({ decision: 'approve', grant_for: HOUR })}
        >
          {m.approvals.allowHour}
        </Act>
      </Group>
      <Text size="xs" c="dimmed">
        {reason ?? m.approvals.allowHourHelp}
      </Text>
    </Stack>
  );
}

function EditArguments({
  approval,
  busy,
  error,
  onCancel,
  onApprove,
}: {
  approval: Approval;
  busy: boolean;
  error: unknown;
  onCancel: () => void;
  onApprove: (edited: Record<string, unknown>) => void;
}) {
  const [text, setText] = useState(() => JSON.stringify(approval.arguments, null, 2));
  const edited = parsed(text);
  return (
    <Stack gap="sm">
      <CodeText label={m.approvals.argumentsOf(approval.summary)} text={text} onChange={setText} invalid={edited === null} />
      {edited === null && (
        <Text size="xs" c="var(--pm-bad)" role="alert">
          {m.approvals.noObject}
        </Text>
      )}
      {error !== null && <ProblemView error={error} />}
      <Group gap={8}>
        <Act reason={edited === null ? m.approvals.noObject : null} loading={busy} onClick={() => edited && onApprove(edited)}>
          {m.approvals.approveEdited}
        </Act>
        <Button variant="default" onClick={onCancel}>
          {m.app.cancel}
        </Button>
      </Group>
    </Stack>
  );
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
