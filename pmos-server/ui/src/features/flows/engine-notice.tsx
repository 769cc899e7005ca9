import { Alert, Group, Text } from '@mantine/core';
import { IconPlugOff } from '@tabler/icons-react';
import type { Flow } from '@/api/contract';
import { m } from '@/messages/en';
import { useEngines } from '@/parts/engine';
import { ButtonLink } from '@/parts/link';
import { useWorkspace } from '@/parts/workspace';

/** Says that the engine of the open automation is not there at the moment. */
export function EngineNotice({ flow }: { flow: Flow }) {
  const { id: workspace } = useWorkspace();
  const engine = useEngines().of(flow.engine);
  if (!engine || engine.state === 'ready') return null;
  return (
    <Alert color="yellow" icon={<IconPlugOff size={20} />} role="status" py={8}>
      <Group gap="sm" justify="space-between">
        <Text>{engine.state === 'unreachable' ? m.history.unreachable(engine.title) : m.history.notReady(engine.title)}</Text>
        <ButtonLink size="compact-sm" variant="default" to="/w/$workspace/integrations/services" params={{ workspace }}>
          {m.flows.toServices}
        </ButtonLink>
      </Group>
    </Alert>
  );
}
