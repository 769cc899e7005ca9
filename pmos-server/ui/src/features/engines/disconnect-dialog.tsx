import { Checkbox, Stack, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Engine } from '@/api/contract';
import { engines } from '@/api/engines';
import { flowNamesQuery } from '@/api/flows';
import { keys } from '@/api/keys';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { Confirm } from '@/parts/confirm';
import { toastDone } from '@/parts/problem';
import { count } from '@/parts/time';
import { useWorkspace } from '@/parts/workspace';

/** Gives the place up, after saying what goes with it. */
export function DisconnectDialog({ opened, onClose, engine }: { opened: boolean; onClose: () => void; engine: Engine }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const names = useQuery({ ...flowNamesQuery(workspace), enabled: opened });
  const [silent, setSilent] = useState(false);
  const [force, setForce] = useState(false);
  const concerned = names.data?.filter((flow) => flow.engine === engine.engine).length;
  const mayForce = silent || engine.state === 'unreachable';
  const own = engine.wall === 'own_key' || engine.wall === 'shared_key';
  const close = () => {
    setSilent(false);
    setForce(false);
    onClose();
  };
  return (
    <Confirm
      opened={opened}
      onClose={close}
      title={m.engines.disconnectTitle(engine.title)}
      action={m.engines.disconnect}
      onConfirm={async () => {
        try {
          await engines.disconnect(workspace, engine.engine, mayForce && force);
        } catch (error) {
          // Only an engine that does not answer may be forgotten over its head.
          if (problemOf(error).status >= 500) setSilent(true);
          throw error;
        }
        toastDone(m.engines.disconnected(engine.title));
        await Promise.all(
          (['engines', 'flows', 'connections', 'dashboard'] as const).map((noun) => cache.invalidateQueries({ queryKey: keys.noun(workspace, noun) })),
        );
      }}
    >
      <Stack gap="sm">
        <Text>{own ? m.engines.disconnectOwn : m.engines.disconnectMade}</Text>
        <Text>
          {concerned !== undefined && `${m.engines.disconnectCount(count(concerned))} `}
          {m.engines.disconnectRuns}
        </Text>
        {mayForce && (
          <Checkbox
            label={m.engines.force}
            description={m.engines.forceText}
            checked={force}
            onChange={(event) => setForce(event.currentTarget.checked)}
          />
        )}
      </Stack>
    </Confirm>
  );
}
