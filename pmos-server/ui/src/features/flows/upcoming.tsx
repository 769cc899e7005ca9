import { List, Stack, Text } from '@mantine/core';
import type { Flow } from '@/api/contract';
import { m } from '@/messages/en';
import { Ago, exactTime } from '@/parts/time';

/** When the automation starts by itself next. */
export function Upcoming({ flow }: { flow: Flow }) {
  const times = flow.upcoming ?? [];
  return (
    <Stack gap="xs">
      <Text fw={550}>{m.schedule.next}</Text>
      {times.length === 0 && (
        <Text size="sm" c="dimmed">
          {m.schedule.none}
        </Text>
      )}
      <List size="sm" listStyleType="none">
        {times.map((at) => (
          <List.Item key={at}>
            {exactTime(at)}{' '}
            <Ago at={at} size="sm" c="dimmed" span />
          </List.Item>
        ))}
      </List>
      <Text size="xs" c="dimmed">
        {flow.published && flow.enabled ? m.schedule.live : m.schedule.notLive}
      </Text>
    </Stack>
  );
}
