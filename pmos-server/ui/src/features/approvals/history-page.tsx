import { Anchor, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { approvalsQuery } from '@/api/approvals';
import { m } from '@/messages/en';
import { ApprovalById } from '@/parts/approval/card';
import { ApprovalPill } from '@/parts/approval/status';
import { SidePanel } from '@/parts/dialog';
import { EffectPill } from '@/parts/effect';
import { Empty } from '@/parts/empty';
import { NotAllowed } from '@/parts/not-allowed';
import { Loading, Page, Section } from '@/parts/page';
import { usePeople } from '@/parts/people';
import { ProblemView } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { More, Table, TwoLines } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';

/** What was asked for, and what became of it. */
export function ApprovalHistoryPage() {
  const { id: workspace } = useWorkspace();
  const { nameOf } = usePeople();
  const closed = useReason('approvals.list');
  const list = useInfiniteQuery({ ...approvalsQuery(workspace), enabled: !closed });
  const { open } = useSearch({ from: '/inside/w/$workspace/approvals/history' });
  const navigate = useNavigate();
  const show = (approval: string | undefined) =>
    navigate({ to: '/w/$workspace/approvals/history', params: { workspace }, search: { open: approval }, replace: true });
  return (
    <Page title={m.approvals.title} subtitle={m.approvals.subtitle}>
      <SectionTabs group="approvals" />
      {closed ? (
        <NotAllowed reason={closed} />
      ) : (
        <Section flush>
          {list.error && !list.data && <ProblemView error={list.error} retry={list.refetch} />}
          {list.isPending && <Loading rows={4} />}
          {list.data?.length === 0 && <Empty icon={IconHistory} title={m.approvals.noHistory} text={m.approvals.noneText} />}
          {list.data && list.data.length > 0 && (
            <Table
              label={m.approvals.history}
              rows={list.data}
              rowKey={({ id }) => id}
              columns={[
                {
                  key: 'what',
                  head: m.approvals.what,
                  grow: true,
                  cell: ({ id, summary, requested_by }) => (
                    <TwoLines
                      first={
                        <Anchor component="button" fw={550} c="inherit" maw="100%" truncate onClick={() => show(id)} title={summary}>
                          {summary}
                        </Anchor>
                      }
                      second={
                        requested_by.actor.kind === 'agent' ? m.approvals.askedByAssistant(nameOf(requested_by.actor.id)) : m.approvals.askedBy(nameOf(requested_by.actor.id))
                      }
                    />
                  ),
                },
                { key: 'effect', head: m.approvals.effect, cell: ({ effect }) => <EffectPill effect={effect} /> },
                { key: 'status', head: m.approvals.state, cell: ({ status }) => <ApprovalPill status={status} /> },
                { key: 'by', head: m.approvals.by, cell: ({ decisions }) => <Text size="sm">{decisions.map(({ by }) => nameOf(by)).join(', ') || m.app.none}</Text> },
                { key: 'at', head: m.approvals.when, align: 'end', cell: ({ created_at }) => <Ago at={created_at} size="sm" c="dimmed" /> },
              ]}
            />
          )}
          <More list={list} />
        </Section>
      )}
      <SidePanel opened={open !== undefined} onClose={() => show(undefined)} title={m.approvals.request} size="min(560px, 100%)">
        {open && <ApprovalById id={open} />}
      </SidePanel>
    </Page>
  );
}
