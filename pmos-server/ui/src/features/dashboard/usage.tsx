import { Progress, Text } from '@mantine/core';
import type { Usage } from '@/api/contract';
import { m } from '@/messages/en';
import { Section } from '@/parts/page';
import { count } from '@/parts/time';
import classes from './dashboard.module.css';

/** How much of what the operator allows is used. */
export function UsageList({ usage }: { usage: Usage[] }) {
  return (
    <Section title={m.quota.title}>
      <div className={classes.usage}>
        {usage.map(({ key, used, limit }) => (
          <div key={key}>
            <div className={classes.usageRow}>
              <Text size="sm">{m.quota.keys[key as keyof typeof m.quota.keys] ?? key}</Text>
              <Text size="sm" c="dimmed">
                {limit === null ? m.quota.noLimit(count(used)) : m.dashboard.of(count(used), count(limit))}
              </Text>
            </div>
            {limit !== null && (
              <Progress
                value={(100 * (used ?? 0)) / Math.max(1, limit)}
                size={6}
                mt={4}
                color={(used ?? 0) >= limit ? 'red' : 'accent'}
                aria-label={m.quota.keys[key as keyof typeof m.quota.keys] ?? key}
              />
            )}
          </div>
        ))}
      </div>
    </Section>
  );
}
