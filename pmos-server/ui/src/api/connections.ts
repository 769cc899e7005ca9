import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { Connection, ConnectionKind, ConnectionTest, Secret } from './contract';
import { keys } from './keys';
import { whole } from './lists';

const W = '/api/v1/workspaces/{w}';
const ONE = `${W}/connections/{connection}`;

export const connectionsQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'connections'), queryFn: () => whole<Connection>(`${W}/connections`, { w }) });

export const connections = {
  create: (w: string, body: { kind: ConnectionKind; name: string; secret: Secret; hosts: string[] }) =>
    call<Connection>('post', `${W}/connections`, { path: { w }, body }),
  rename: (w: string, connection: string, name: string) =>
    call<Connection>('patch', ONE, { path: { w, connection }, body: { name } }),
  replaceSecret: (w: string, connection: string, secret: Secret) =>
    call<Connection>('put', `${ONE}/secret`, { path: { w, connection }, body: { secret } }),
  test: (w: string, connection: string, url?: string) =>
    call<ConnectionTest>('post', `${ONE}/test`, { path: { w, connection }, body: url ? { url } : {} }),
  delete: (w: string, connection: string) => call<void>('delete', ONE, { path: { w, connection } }),
};
