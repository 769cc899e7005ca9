import { Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Dashboard, Usage } from '@/api/contract';
import { m } from '@/messages/en';
import { count, duration } from '@/parts/time';
import classes from './dashboard.module.css';

/** The four figures that say whether all is well. */
export function Numbers({ dashboard: { runs, usage } }: { dashboard: Dashboard }) {
  const failed = (runs.by_status.failed ?? 0) + (runs.by_status.timed_out ?? 0);
  const daily = usage.find(({ key }) => key === 'runs_per_day');
  return (
    <div className={classes.numbers}>
      <Figure label={m.dashboard.runs} value={count(runs.total)}>
        {m.dashboard.atWork((runs.by_status.running ?? 0) + (runs.by_status.queued ?? 0))}
      </Figure>
      <Figure label={m.dashboard.succeeded} value={runs.success_rate === null ? m.app.none : percent(runs.success_rate)}>
        {failed > 0 ? <Text c="var(--pm-bad)" inherit component="span" children={m.dashboard.failed(failed)} /> : m.dashboard.noneFailed}
      </Figure>
      <Figure label={m.dashboard.typical} value={duration(runs.p50_ms)}>
        {runs.p95_ms === null ? m.dashboard.noRuns : m.dashboard.p95(duration(runs.p95_ms))}
      </Figure>
      <Figure
        label={m.dashboard.today}
        value={daily ? used(daily) : m.app.none}
      >
        {daily && daily.limit !== null ? (
          <Progress value={(100 * (daily.used ?? 0)) / Math.max(1, daily.limit)} size={6} mt={8} aria-label={m.dashboard.today} />
        ) : (
          m.dashboard.unlimited
        )}
      </Figure>
    </div>
  );
}

function Figure({ label, value, children }: { label: string; value: string; children: ReactNode }) {
  return (
    <section className={classes.figure} aria-label={label}>
      <div className={classes.figureLabel}>{label}</div>
      <div className={classes.figureValue}>{value}</div>
      <div className={classes.figureNote}>{children}</div>
    </section>
  );
}

const used = ({ used, limit }: Usage) => (limit === null ? count(used) : m.dashboard.of(count(used), count(limit)));
const percent = (rate: number) => `${(rate * 100).toFixed(rate === 1 ? 0 : 1)}%`;
