import { Alert, Button, Group, Text } from '@mantine/core';
import { IconArrowsExchange, IconGitMerge } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Flow } from '@/api/contract';
import { externalEditQuery } from '@/api/events';
import { m } from '@/messages/en';
import { useEngines } from '@/parts/engine';
import { Ago } from '@/parts/time';
import { useWorkspace } from '@/parts/workspace';

/** How long an external edit is news. */
const NEWS_MS = 60_000;

/** Says that the open automation was changed at its engine. What is being typed here stays. */
export function ExternalEditNotice({ flow, onHistory }: { flow: Flow; onHistory: () => void }) {
  const { id: workspace } = useWorkspace();
  const { titleOf } = useEngines();
  const { data: change } = useQuery(externalEditQuery(workspace, flow.id));
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
          {change.conflict ? m.history.externalConflict(title) : m.history.externalEdit(title)}
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
