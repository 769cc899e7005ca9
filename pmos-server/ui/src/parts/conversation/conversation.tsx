import { IconMessageOff } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { chat, type Screen } from '@/api/chat';
import { isAtWork } from '@/api/conversation';
import { keys } from '@/api/keys';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { Empty } from '../empty';
import { Loading } from '../page';
import { ProblemView, toastProblem } from '../problem';
import { useWorkspace } from '../workspace';
import { Composer } from './composer';
import classes from './conversation.module.css';
import { keepDraft, useDraft } from './draft';
import { Log } from './log';
import { TurnView } from './turn';
import { useConversation } from './use-conversation';
import { Welcome } from './welcome';

interface Props {
  /** Which; nothing while there is none yet. */
  session: string | null;
  /** The automation that a new one is about. */
  flow?: string;
  /** What the person looks at. */
  screen?: Screen;
  /** A new one was begun. */
  onBegun: (session: string) => void;
}

/** A conversation with the assistant: what was said and done, and where one writes. It begins with its first message. */
export function ConversationView({ session, ...props }: Props) {
  return session === null ? <Fresh key="fresh" {...props} /> : <Opened key={session} session={session} {...props} />;
}

function Fresh({ flow, screen, onBegun }: Omit<Props, 'session'>) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const [text, setText] = useDraft(`new-${flow ?? workspace}`);
  const begin = async (said: string, model: string | undefined) => {
    const { id } = await chat.create(workspace, flow ? { flow } : {});
    try {
      await chat.send(workspace, id, { text: said, model, screen });
    } catch (error) {
      // The conversation is there; what was to be said in it stays to be sent again.
      keepDraft(id, said);
      toastProblem(error);
    }
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'chats') });
    onBegun(id);
  };
  return (
    <Frame
      version={null}
      composer={<Composer text={text} onText={setText} onSend={begin} placeholder={flow ? m.chat.placeholderFlow : m.chat.placeholder} />}
    >
      <Welcome aboutFlow={flow !== undefined} onExample={setText} />
    </Frame>
  );
}

function Opened({ session, flow, screen }: Omit<Props, 'session'> & { session: string }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const [text, setText] = useDraft(session);
  const [state, conversation] = useConversation(workspace, session);
  const { ready, error, turns } = state;
  if (!ready && error !== null) {
    if (problemOf(error).status === 404) return <Empty icon={IconMessageOff} title={m.chat.gone} text={m.chat.goneText} />;
    return <ProblemView error={error} retry={() => conversation.catchUp()} />;
  }
  const atWork = isAtWork(state);
  const send = async (said: string, model: string | undefined) => {
    await chat.send(workspace, session, { text: said, model, screen });
    void conversation.catchUp();
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'chats') });
  };
  const stop = async () => {
    await chat.stop(workspace, session);
    await conversation.catchUp();
  };
  return (
    <Frame
      version={turns}
      composer={
        <Composer
          text={text}
          onText={setText}
          onSend={send}
          onStop={atWork ? stop : undefined}
          hint={atWork ? (turns.some(({ status }) => status === 'waiting_approval') ? m.chat.waitHint : m.chat.queueHint) : undefined}
          placeholder={flow ? m.chat.placeholderFlow : m.chat.placeholder}
        />
      }
    >
      {!ready && <Loading rows={3} height={64} />}
      {ready && turns.length === 0 && <Welcome aboutFlow={flow !== undefined} onExample={setText} />}
      {turns.map((turn) => (
        <TurnView key={turn.turn} turn={turn} here={flow} />
      ))}
      {error !== null && <ProblemView error={error} retry={() => conversation.catchUp()} />}
    </Frame>
  );
}

function Frame({ version, composer, children }: { version: unknown; composer: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.conversation}>
      <Log version={version}>{children}</Log>
      {composer}
    </div>
  );
}
