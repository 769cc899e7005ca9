import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import { keys } from './keys';
import { pages } from './lists';

const W = '/api/v1/workspaces/{w}';
const ONE = `${W}/chat/sessions/{session}` as const;

/** One's own conversations, newest first. */
export const sessionsQuery = (w: string, q?: string) =>
  pages(keys.of(w, 'chats', q ?? ''), (paging) => call('get', `${W}/chat/sessions`, { path: { w }, query: { q, ...paging } }));

/** The newest conversation about an automation. */
export const sessionOfFlowQuery = (w: string, flow: string) =>
  queryOptions({
    queryKey: keys.of(w, 'chats', { flow }),
    queryFn: async () => {
      const { items } = await call('get', `${W}/chat/sessions`, { path: { w }, query: { limit: 200 } });
      return items.find((session) => session.flow === flow)?.id ?? null;
    },
  });

/** What a person looks at while they write. */
export interface Screen {
  flow?: string;
  run?: string;
  step?: string;
}

export const chat = {
  create: (w: string, body: { title?: string; flow?: string }) => call('post', `${W}/chat/sessions`, { path: { w }, body }),
  get: (w: string, session: string) => call('get', ONE, { path: { w, session } }),
  rename: (w: string, session: string, title: string) => call('patch', ONE, { path: { w, session }, body: { title } }),
  delete: (w: string, session: string) => call('delete', ONE, { path: { w, session } }),
  send: (w: string, session: string, body: { text: string; model?: string; screen?: Screen }) =>
    call('post', `${ONE}/messages`, { path: { w, session }, body }),
  stop: (w: string, session: string) => call('post', `${ONE}/stop`, { path: { w, session } }),
  events: (w: string, session: string, after: number) => call('get', `${ONE}/events`, { path: { w, session }, query: { after, limit: 1000 } }),
};
