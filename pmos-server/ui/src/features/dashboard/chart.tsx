import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Text, VisuallyHidden } from '@mantine/core';
import type { Dashboard } from '@/api/contract';
import { m } from '@/messages/en';

const hour = new Intl.DateTimeFormat(m.app.locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(m.app.locale, { weekday: 'short', day: 'numeric' });

/** Runs over time, stacked by how they ended. */
export default function Chart({ series, window }: { series: Dashboard['runs']['series']; window: '24h' | '7d' }) {
  const total = series.reduce((sum, { succeeded, failed, other }) => sum + succeeded + failed + other, 0);
  if (total === 0) {
    return (
      <Text c="dimmed" h={220} ta="center" pt={96}>
        {m.dashboard.noRuns}
      </Text>
    );
  }
  const label = (at: string) => (window === '24h' ? hour : day).format(new Date(at));
  return (
    <>
      <VisuallyHidden>
        {m.dashboard.chartSummary(
          total,
          series.reduce((sum, { failed }) => sum + failed, 0),
        )}
      </VisuallyHidden>
      <BarChart
        h={220}
        aria-hidden
        data={series.map(({ at, ...counts }) => ({ at: label(at), ...counts }))}
        dataKey="at"
        type="stacked"
        withLegend={false}
        tickLine="none"
        gridAxis="x"
        maxBarWidth={28}
        series={[
          { name: 'succeeded', label: m.status.succeeded, color: 'var(--pm-accent-fill)' },
          { name: 'other', label: m.dashboard.other, color: 'var(--pm-chart-other)' },
          { name: 'failed', label: m.status.failed, color: 'var(--pm-chart-failed)' },
        ]}
        barChartProps={{ accessibilityLayer: false }}
        barProps={{ isAnimationActive: false }}
        yAxisProps={{ allowDecimals: false, width: 40 }}
        xAxisProps={{ minTickGap: 24 }}
      />
    </>
  );
}
