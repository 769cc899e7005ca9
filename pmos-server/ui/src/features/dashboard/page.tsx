import { SegmentedControl, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { flowNamesQuery } from '@/api/flows';
import { dashboardQuery } from '@/api/workspaces';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { RunsTable } from '@/parts/runs-table';
import { useReason, useWorkspace } from '@/parts/workspace';
import { Checklist } from './checklist';
import classes from './dashboard.module.css';
import { NeedsYou } from './needs-you';
import { Numbers } from './numbers';
import { UsageList } from './usage';

// Half of what this page weighs, and it is not needed to know whether all is well.
const Chart = lazy(() => import('./chart'));

export function DashboardPage() {
  const { id, name } = useWorkspace();
  const { window = '24h' } = useSearch({ from: '/inside/w/$workspace/' });
  const navigate = useNavigate();
  const dashboard = useQuery(dashboardQuery(id, window));
  const names = useQuery(flowNamesQuery(id));
  const reason = useReason('flows.create');
  const data = dashboard.data;
  return (
    <Page
      title={m.dashboard.title}
      subtitle={m.dashboard.subtitle(name, m.dashboard.windows[window].toLowerCase())}
      actions={
        <>
          <SegmentedControl
            aria-label={m.dashboard.window}
            data={[
              { value: '24h', label: m.dashboard.windows['24h'] },
              { value: '7d', label: m.dashboard.windows['7d'] },
            ]}
            value={window}
            onChange={(value) =>
              navigate({
                to: '/w/$workspace',
                params: { workspace: id },
                search: { window: value === '7d' ? '7d' : undefined },
                replace: true,
              })
            }
          />
          <Act
            reason={reason}
            leftSection={<IconPlus size={18} />}
            onClick={() => navigate({ to: '/w/$workspace/automations', params: { workspace: id }, search: { create: true } })}
          >
            {m.flows.create}
          </Act>
        </>
      }
    >
      {dashboard.error && <ProblemView error={dashboard.error} retry={dashboard.refetch} />}
      {!data && !dashboard.error && <Loading rows={5} height={88} />}
      {data && (
        <>
          <Numbers dashboard={data} />
          <div className={classes.split}>
            <NeedsYou dashboard={data} workspace={id} />
            {data.setup.done < data.setup.total ? (
              <Checklist setup={data.setup} workspace={id} />
            ) : (
              <UsageList usage={data.usage} />
            )}
          </div>
          <Section title={m.dashboard.chart[window]}>
            <Suspense fallback={<Skeleton height={220} radius="md" />}>
              <Chart series={data.runs.series} window={window} />
            </Suspense>
          </Section>
          <Section title={m.dashboard.recent} flush>
            <RunsTable runs={data.recent_runs} names={names.data ?? []} workspace={id} />
          </Section>
          {data.setup.done < data.setup.total && <UsageList usage={data.usage} />}
        </>
      )}
    </Page>
  );
}
