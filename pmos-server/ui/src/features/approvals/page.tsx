import { Stack } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { approvalsQuery } from '@/api/approvals';
import { m } from '@/messages/en';
import { ApprovalCard } from '@/parts/approval/card';
import { Empty } from '@/parts/empty';
import { NotAllowed } from '@/parts/not-allowed';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { More } from '@/parts/table';
import { useReason, useWorkspace } from '@/parts/workspace';

/** What waits for a decision. */
export function ApprovalsPage() {
  const { id: workspace } = useWorkspace();
  const closed = useReason('approvals.list');
  const list = useInfiniteQuery({ ...approvalsQuery(workspace, 'pending'), enabled: !closed });
  return (
    <Page title={m.approvals.title} subtitle={m.approvals.subtitle}>
      <SectionTabs group="approvals" />
      {closed && <NotAllowed reason={closed} />}
      {list.error && !list.data && <ProblemView error={list.error} retry={list.refetch} />}
      {!closed && list.isPending && <Loading rows={2} height={160} />}
      {list.data?.length === 0 && (
        <Section>
          <Empty icon={IconInbox} title={m.approvals.none} text={m.approvals.noneText} />
        </Section>
      )}
      {list.data && list.data.length > 0 && (
        <Stack maw={860} component="section" aria-label={m.approvals.pending}>
          {list.data.map((approval) => (
            <ApprovalCard key={approval.id} approval={approval} />
          ))}
          <More list={list} />
        </Stack>
      )}
    </Page>
  );
}
