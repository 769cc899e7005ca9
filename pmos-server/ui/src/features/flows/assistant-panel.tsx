import { ActionIcon, Button, Group, Title } from '@mantine/core';
import { useFocusReturn } from '@mantine/hooks';
import { IconPlus, IconSparkles, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { sessionOfFlowQuery } from '@/api/chat';
import type { Flow } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ConversationView } from '@/parts/conversation/conversation';
import { useLayer } from '@/parts/layers';
import { Loading } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { useWorkspace } from '@/parts/workspace';
import classes from './assistant.module.css';

interface Props {
  flow: Flow;
  /** The step whose settings are open. */
  step: string | undefined;
  onClose: () => void;
}

/**
 * A conversation about the open automation, beside it: what the assistant changes appears in the page at once. No drawer
 * of the library, because the page beside it stays in use.
 */
export function AssistantPanel({ opened, ...props }: Props & { opened: boolean }) {
  useFocusReturn({ opened });
  useLayer(opened, props.onClose);
  return opened && <Panel {...props} />;
}

function Panel({ flow, step, onClose }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const heading = useId();
  const newest = useQuery(sessionOfFlowQuery(workspace, flow.id));
  // Another one than the newest: begun here, or about to be.
  const [chosen, setChosen] = useState<string | null | undefined>(undefined);
  const session = chosen === undefined ? newest.data : chosen;
  return (
    <section className={classes.panel} role="dialog" aria-labelledby={heading}>
      <div className={classes.head}>
        <IconSparkles size={18} stroke={1.75} aria-hidden />
        <Title order={2} id={heading}>
          {m.chat.assistant}
        </Title>
        <Group gap={4} ml="auto" wrap="nowrap">
          {session && (
            <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setChosen(null)}>
              {m.chat.new}
            </Button>
          )}
          <ActionIcon aria-label={m.chat.closeAssistant} onClick={onClose}>
            <IconX size={18} stroke={1.75} />
          </ActionIcon>
        </Group>
      </div>
      {newest.error && session === undefined && <ProblemView error={newest.error} retry={newest.refetch} />}
      {newest.isPending && session === undefined && <Loading rows={3} height={64} />}
      {session !== undefined && (
        <ConversationView
          session={session}
          flow={flow.id}
          screen={{ flow: flow.id, step }}
          onBegun={(begun) => {
            cache.setQueryData(keys.of(workspace, 'chats', { flow: flow.id }), begun);
            setChosen(begun);
          }}
        />
      )}
    </section>
  );
}
