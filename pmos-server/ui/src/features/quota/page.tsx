import { Progress, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { quotaQuery } from '@/api/workspaces';
import { m } from '@/messages/en';
import { NotAllowed } from '@/parts/not-allowed';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { Table } from '@/parts/table';
import { Ago, count } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';

const nameOf = (key: string) => m.quota.keys[key as keyof typeof m.quota.keys] ?? key;

export function QuotaPage() {
  const { id } = useWorkspace();
  const reason = useReason('quota.get');
  const quota = useQuery({ ...quotaQuery(id), enabled: !reason });
  return (
    <Page title={m.quota.title} subtitle={m.quota.subtitle}>
      <SectionTabs group="admin" />
      {reason ? (
        <NotAllowed reason={reason} />
      ) : (
        <Section flush>
          {quota.error && <ProblemView error={quota.error} retry={quota.refetch} />}
          {quota.isPending && <Loading rows={4} />}
          {quota.data && (
            <Table
              label={m.quota.title}
              rows={quota.data}
              rowKey={(row) => row.key}
              columns={[
                { key: 'name', head: m.quota.what, grow: true, cell: ({ key }) => <Text fw={550} children={nameOf(key)} /> },
                { key: 'used', head: m.quota.used, align: 'end', cell: ({ used }) => count(used) },
                { key: 'limit', head: m.quota.limit, align: 'end', cell: ({ limit }) => (limit === null ? m.quota.unlimited : count(limit)) },
                {
                  key: 'share',
                  head: m.quota.share,
                  cell: ({ key, used, limit }) =>
                    limit === null ? (
                      m.app.none
                    ) : (
                      <Progress w={140} value={(100 * (used ?? 0)) / Math.max(1, limit)} size={6} color={(used ?? 0) >= limit ? 'red' : 'accent'} aria-label={nameOf(key)} />
                    ),
                },
                { key: 'resets', head: m.quota.resets, align: 'end', cell: ({ resets_at }) => (resets_at ? <Ago at={resets_at} size="sm" c="dimmed" /> : m.app.none) },
              ]}
            />
          )}
        </Section>
      )}
    </Page>
  );
}
