import { Button, Group } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconMessages, IconPlus } from '@tabler/icons-react';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { m } from '@/messages/en';
import { ConversationView } from '@/parts/conversation/conversation';
import { SidePanel } from '@/parts/dialog';
import { NotAllowed } from '@/parts/not-allowed';
import { Page } from '@/parts/page';
import { useReason, useWorkspace } from '@/parts/workspace';
import classes from './chat.module.css';
import { SessionList } from './session-list';

/** One's conversations with the assistant, and the one that is open. */
export function ChatPage() {
  const closed = useReason('chat.send');
  if (!closed) return <Chat />;
  return (
    <Page title={m.chat.title} subtitle={m.chat.subtitle}>
      <NotAllowed reason={closed} />
    </Page>
  );
}

function Chat() {
  const { id: workspace } = useWorkspace();
  const { session } = useParams({ from: '/inside/w/$workspace/chat/{-$session}' });
  const navigate = useNavigate();
  const wide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false });
  const [listing, setListing] = useState(false);
  // Another one may be begun where none is open.
  const [fresh, setFresh] = useState(0);
  const open = (id: string | undefined) => {
    setListing(false);
    if (id === undefined) setFresh(fresh + 1);
    void navigate({ to: '/w/$workspace/chat/{-$session}', params: { workspace, session: id } });
  };
  const list = <SessionList current={session} onOpen={open} onPicked={() => setListing(false)} />;
  return (
    <Page
      fills
      title={m.chat.title}
      subtitle={m.chat.subtitle}
      actions={
        !wide && (
          <Group gap={8}>
            <Button variant="default" leftSection={<IconMessages size={18} stroke={1.75} />} onClick={() => setListing(true)}>
              {m.chat.sessions}
            </Button>
            <Button variant="default" leftSection={<IconPlus size={18} stroke={1.75} />} onClick={() => open(undefined)}>
              {m.chat.new}
            </Button>
          </Group>
        )
      }
    >
      <div className={classes.frame}>
        {wide ? (
          <aside className={classes.sessions} aria-label={m.chat.sessions}>
            {list}
          </aside>
        ) : (
          <SidePanel opened={listing} onClose={() => setListing(false)} position="left" title={m.chat.sessions} size="min(360px, 100%)">
            {list}
          </SidePanel>
        )}
        <ConversationView key={session ?? fresh} session={session ?? null} onBegun={open} />
      </div>
    </Page>
  );
}
