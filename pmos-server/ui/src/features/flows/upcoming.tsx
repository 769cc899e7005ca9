import { List, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Flow } from '@/api/contract';
import { flowQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { Ago, exactTime } from '@/parts/time';
import { useWorkspace } from '@/parts/workspace';

/** When the automation starts by itself next. */
export function Upcoming({ flow }: { flow: Flow }) {
  const { id: workspace } = useWorkspace();
  const read = useQuery({
    ...flowQuery(workspace, flow.id),
    // Once the first of them is over there are others.
    refetchInterval: ({ state }) => {
      const [first] = state.data?.upcoming ?? [];
      return first ? Math.min(Math.max(Date.parse(first) - Date.now(), 1_000), 3_600_000) : false;
    },
  });
  const times = (read.data?.revision === flow.revision ? read.data : flow).upcoming ?? [];
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
