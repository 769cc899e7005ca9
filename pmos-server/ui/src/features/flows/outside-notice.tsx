import { Alert, Button, Group, Text } from '@mantine/core';
import { IconArrowsExchange, IconGitMerge, IconPlugOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Flow } from '@/api/contract';
import { outsideQuery } from '@/api/events';
import { m } from '@/messages/en';
import { useEngines } from '@/parts/engine';
import { ButtonLink } from '@/parts/link';
import { Ago } from '@/parts/time';
import { useWorkspace } from '@/parts/workspace';

/** How long a change from outside is news. */
const NEWS_MS = 60_000;

/** Says that the open automation was changed at its engine. What is being typed here stays. */
export function OutsideNotice({ flow, onHistory }: { flow: Flow; onHistory: () => void }) {
  const { id: workspace } = useWorkspace();
  const { titleOf } = useEngines();
  const { data: change } = useQuery(outsideQuery(workspace, flow.id));
  const [seen, setSeen] = useState<string | null>(null);
  const at = change?.at;
  const lasting = change?.conflict === true;
  useEffect(() => {
    if (!at || lasting) return;
    const timer = setTimeout(() => setSeen(at), NEWS_MS);
    return () => clearTimeout(timer);
  }, [at, lasting]);
  if (!change || change.at === seen) return null;
  const title = titleOf(flow.engine);
  return (
    <Alert
      color={change.conflict ? 'yellow' : 'gray'}
      icon={change.conflict ? <IconGitMerge size={20} /> : <IconArrowsExchange size={20} />}
      role="status"
      withCloseButton
      closeButtonLabel={m.app.close}
      onClose={() => setSeen(change.at)}
      py={8}
    >
      <Group gap="sm" justify="space-between" mr="xs">
        <Text>
          {change.conflict ? m.history.outsideConflict(title) : m.history.outsideChanged(title)}
          {!change.conflict && (
            <>
              {' '}
              <Ago at={change.at} inherit />
            </>
          )}
        </Text>
        <Button size="compact-sm" variant="default" onClick={onHistory}>
          {m.history.see}
        </Button>
      </Group>
    </Alert>
  );
}

/** Says that the engine of the open automation is not there at the moment. */
export function AwayNotice({ flow }: { flow: Flow }) {
  const { id: workspace } = useWorkspace();
  const engine = useEngines().of(flow.engine);
  if (!engine || engine.state === 'ready') return null;
  return (
    <Alert color="yellow" icon={<IconPlugOff size={20} />} role="status" py={8}>
      <Group gap="sm" justify="space-between">
        <Text>{engine.state === 'unreachable' ? m.history.away(engine.title) : m.history.notReady(engine.title)}</Text>
        <ButtonLink size="compact-sm" variant="default" to="/w/$workspace/integrations/services" params={{ workspace }}>
          {m.flows.toServices}
        </ButtonLink>
      </Group>
    </Alert>
  );
}
