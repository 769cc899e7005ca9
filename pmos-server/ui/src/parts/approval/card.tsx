import { Group, Stack, Text } from '@mantine/core';
import { IconShieldQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { approvalQuery } from '@/api/approvals';
import type { Approval } from '@/api/contract';
import { m } from '@/messages/en';
import { EffectPill } from '../effect';
import { Loading } from '../page';
import { ProblemView } from '../problem';
import { useWorkspace } from '../workspace';
import classes from './approval.module.css';
import { Decide } from './decide';
import { ApprovalDetails } from './details';
import { ApprovalPill } from './status';

/** A request for approval by its id, where it came up. */
export function ApprovalById({ id }: { id: string }) {
  const { id: workspace } = useWorkspace();
  const approval = useQuery(approvalQuery(workspace, id));
  if (approval.error && !approval.data) return <ProblemView error={approval.error} retry={approval.refetch} />;
  if (!approval.data) return <Loading rows={2} height={40} />;
  return <ApprovalCard approval={approval.data} />;
}

/** A request for approval: what will be done, what it touches, and what one can say to it. */
export function ApprovalCard({ approval }: { approval: Approval }) {
  const { summary, status, effect } = approval;
  const heading = useId();
  return (
    <div className={classes.card} data-pending={status === 'pending' || undefined} role="group" aria-labelledby={heading}>
      <div className={classes.head}>
        <span className={classes.mark} aria-hidden>
          <IconShieldQuestion size={18} stroke={1.75} />
        </span>
        <div className={classes.title}>
          <Text size="xs" c="dimmed">
            {status === 'pending' ? m.approvals.asks : m.approvals.asked}
          </Text>
          <Text fw={600} id={heading}>
            {summary}
          </Text>
        </div>
        <Group gap={6}>
          <EffectPill effect={effect} />
          <span aria-live="polite">
            <ApprovalPill status={status} />
          </span>
        </Group>
      </div>
      <Stack gap="md">
        <ApprovalDetails approval={approval} />
        {status === 'pending' && <Decide approval={approval} />}
      </Stack>
    </div>
  );
}
