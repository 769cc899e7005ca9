import { Text } from '@mantine/core';
import { IconClockCheck, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { approvals, grantsQuery } from '@/api/approvals';
import type { Grant } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { Empty } from '@/parts/empty';
import { NotAllowed } from '@/parts/not-allowed';
import { Loading, Page, Section } from '@/parts/page';
import { usePeople } from '@/parts/people';
import { ProblemView, toastDone } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { More, Table, TwoLines } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';

/** What need not be asked for again for a while. */
export function GrantsPage() {
  const { id: workspace } = useWorkspace();
  const { nameOf } = usePeople();
  const cache = useQueryClient();
  const closed = useReason('grants.list');
  const list = useInfiniteQuery({ ...grantsQuery(workspace), enabled: !closed });
  const [revoking, setRevoking] = useState<Grant | null>(null);
  return (
    <Page title={m.approvals.title} subtitle={m.approvals.subtitle}>
      <SectionTabs group="approvals" />
      {closed ? (
        <NotAllowed reason={closed} />
      ) : (
        <Section flush>
          {list.error && !list.data && <ProblemView error={list.error} retry={list.refetch} />}
          {list.isPending && <Loading rows={3} />}
          {list.data?.length === 0 && <Empty icon={IconClockCheck} title={m.approvals.noGrants} text={m.approvals.noGrantsText} />}
          {list.data && list.data.length > 0 && (
            <Table
              label={m.approvals.grants}
              rows={list.data}
              rowKey={({ id }) => id}
              columns={[
                {
                  key: 'what',
                  head: m.approvals.what,
                  grow: true,
                  cell: ({ summary, person }) => <TwoLines first={<Text fw={550} span children={summary} />} second={m.approvals.grantFor(nameOf(person))} />,
                },
                { key: 'by', head: m.approvals.grantedBy, cell: ({ by }) => <Text size="sm">{nameOf(by)}</Text> },
                { key: 'until', head: m.approvals.until, align: 'end', cell: ({ expires_at }) => <Ago at={expires_at} size="sm" /> },
                {
                  key: 'menu',
                  head: m.app.actions,
                  bare: true,
                  cell: (grant) => (
                    <ActIcon name={m.approvals.revokeOf(grant.summary)} onClick={() => setRevoking(grant)}>
                      <IconTrash size={18} stroke={1.75} />
                    </ActIcon>
                  ),
                },
              ]}
            />
          )}
          <More list={list} />
        </Section>
      )}
      <Confirm
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={m.approvals.revokeTitle}
        action={m.approvals.revoke}
        onConfirm={async () => {
          if (!revoking) return;
          await approvals.revoke(workspace, revoking.id);
          toastDone(m.approvals.revoked);
          await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'grants') });
        }}
      >
        {m.approvals.revokeText(revoking?.summary ?? '')}
      </Confirm>
    </Page>
  );
}
