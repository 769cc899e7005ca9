import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { Secret } from './contract';
import { keys } from './keys';
import { whole } from './lists';

const W = '/api/v1/workspaces/{w}';
const ONE = `${W}/connections/{connection}` as const;

export const connectionsQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'connections'), queryFn: () => whole((query) => call('get', `${W}/connections`, { path: { w }, query })) });

/** What a credential of a kind of a remote engine consists of; nothing is found where the engine does not tell. */
export const credentialFormQuery = (w: string, engine: string, kind: string) =>
  queryOptions({
    queryKey: keys.of(w, 'credential', [engine, kind]),
    queryFn: () => call('get', `${W}/engines/{engine}/credentials/{kind}`, { path: { w, engine, kind } }),
    staleTime: Infinity,
  });

export const connections = {
  create: (w: string, body: { kind: string; name: string; secret: Secret; hosts?: string[]; engine?: string }) =>
    call('post', `${W}/connections`, { path: { w }, body }),
  rename: (w: string, connection: string, name: string) =>
    call('patch', ONE, { path: { w, connection }, body: { name } }),
  replaceSecret: (w: string, connection: string, secret: Secret) =>
    call('put', `${ONE}/secret`, { path: { w, connection }, body: { secret } }),
  test: (w: string, connection: string, url?: string) =>
    call('post', `${ONE}/test`, { path: { w, connection }, body: url ? { url } : {} }),
  delete: (w: string, connection: string) => call('delete', ONE, { path: { w, connection } }),
};
