import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Drawer } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
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

/** A conversation about the open automation, beside it: what the assistant changes appears in the page at once. */
export function AssistantPanel({ opened, onClose, flow, step }: { opened: boolean; onClose: () => void; flow: Flow; step: string | undefined }) {
  useLayer(opened, onClose);
  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      title={m.chat.assistant}
      closeButtonProps={{ 'aria-label': m.chat.closeAssistant }}
      position="left"
      size="min(420px, 100%)"
      // The automation beside it stays in use.
      withOverlay={false}
      lockScroll={false}
      trapFocus={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      classNames={{ content: classes.content, body: classes.body, header: classes.header, inner: classes.inner }}
    >
      <Conversation flow={flow} step={step} />
    </Drawer>
  );
}

function Conversation({ flow, step }: { flow: Flow; step: string | undefined }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const newest = useQuery(sessionOfFlowQuery(workspace, flow.id));
  // Another one than the newest: begun here, or about to be.
  const [chosen, setChosen] = useState<string | null | undefined>(undefined);
  if (newest.error && newest.data === undefined) return <ProblemView error={newest.error} retry={newest.refetch} />;
  if (newest.data === undefined) return <Loading rows={3} height={64} />;
  const session = chosen === undefined ? newest.data : chosen;
  return (
    <>
      {session !== null && (
        <Button className={classes.fresh} size="compact-sm" variant="subtle" leftSection={<IconPlus size={16} stroke={1.75} />} onClick={() => setChosen(null)}>
          {m.chat.new}
        </Button>
      )}
      <ConversationView
        session={session}
        flow={flow.id}
        screen={{ flow: flow.id, step }}
        onBegun={(begun) => {
          cache.setQueryData(keys.of(workspace, 'chats', { flow: flow.id }), begun);
          setChosen(begun);
        }}
      />
    </>
  );
}
