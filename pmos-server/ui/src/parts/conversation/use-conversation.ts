import { useEffect, useState, useSyncExternalStore } from 'react';
import { Conversation, type ConversationState, onScreen } from '@/api/conversation';

/** Puts a conversation on the screen, for as long as what uses this is there. */
export function useConversation(workspace: string, session: string): [ConversationState, Conversation] {
  const [conversation] = useState(() => new Conversation(workspace, session));
  useEffect(() => {
    const hide = onScreen.show(conversation);
    void conversation.catchUp();
    return hide;
  }, [conversation]);
  return [useSyncExternalStore(conversation.subscribe, conversation.snapshot), conversation];
}
