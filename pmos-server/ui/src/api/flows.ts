import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { m } from '@/messages/en';
import { call } from './client';
import type { FlowEdit, Graph, RetryFrom, RunStatus, Settings } from './contract';
import { keys } from './keys';
import { pages, whole } from './lists';
import { Problem } from './problem';

const W = '/api/v1/workspaces/{w}';
const FLOW = `${W}/flows/{flow}` as const;

export interface FlowFilter {
  q?: string;
  engine?: string;
  enabled?: boolean;
}

export interface RunFilter {
  flow?: string;
  engine?: string;
  status?: RunStatus;
  q?: string;
}

export const flowsQuery = (w: string, filter: FlowFilter = {}) =>
  pages(keys.of(w, 'flows', filter), (paging) => call('get', `${W}/flows`, { path: { w }, query: { ...filter, ...paging } }));

export const flowQuery = (w: string, flow: string) =>
  queryOptions({ queryKey: keys.of(w, 'flow', flow), queryFn: () => call('get', FLOW, { path: { w, flow } }) });

/** Names of all flows, for pickers and for naming runs. */
export const flowNamesQuery = (w: string) =>
  queryOptions({
    queryKey: keys.of(w, 'flows', 'names'),
    queryFn: async () => (await whole((query) => call('get', `${W}/flows`, { path: { w }, query }))).map(({ id, name, engine }) => ({ id, name, engine })),
  });

export const templatesQuery = (w: string) =>
  queryOptions({
    queryKey: keys.noun(w, 'templates'),
    queryFn: async () => (await call('get', `${W}/templates`, { path: { w } })).items,
    staleTime: Infinity,
  });

/** The pieces of an engine that have what is looked for, found by the server: a catalogue may be large. */
export const piecesQuery = (w: string, engine: string, filter: { q?: string; kind?: 'trigger' | 'action' } = {}) =>
  queryOptions({
    queryKey: keys.of(w, 'pieces', [engine, filter]),
    queryFn: async () => (await call('get', `${W}/engines/{engine}/pieces`, { path: { w, engine }, query: filter })).items,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });

export const pieceQuery = (w: string, engine: string, piece: string) =>
  queryOptions({
    queryKey: keys.of(w, 'piece', [engine, piece]),
    queryFn: () => call('get', `${W}/engines/{engine}/pieces/{piece}`, { path: { w, engine, piece } }),
    staleTime: Infinity,
  });

export interface OptionsAsk {
  engine: string;
  piece: string;
  operation: string;
  field: string;
  settings: Settings;
  connection?: string | null;
  search?: string;
}

export const optionsQuery = (w: string, { engine, ...body }: OptionsAsk, depends: unknown) =>
  queryOptions({
    queryKey: keys.of(w, 'options', [engine, body.piece, body.operation, body.field, body.connection, body.search, depends]),
    queryFn: () =>
      call('post', `${W}/engines/{engine}/options`, { path: { w, engine }, body }),
  });

export const runsQuery = (w: string, filter: RunFilter = {}) =>
  pages(keys.of(w, 'runs', filter), (paging) => call('get', `${W}/runs`, { path: { w }, query: { ...filter, ...paging } }));

export const runQuery = (w: string, run: string) =>
  queryOptions({
    queryKey: keys.of(w, 'run', run),
    queryFn: () => call('get', `${W}/runs/{run}`, { path: { w, run } }),
  });

/** What expressions of a step may refer to, as the check of this revision lets pass. */
export const scopeQuery = (w: string, flow: string, step: string, revision: string) =>
  queryOptions({
    queryKey: keys.of(w, 'scope', [flow, step, revision]),
    queryFn: async () => (await call('get', `${FLOW}/steps/{step}/scope`, { path: { w, flow, step } })).items,
    staleTime: Infinity,
    placeholderData: (before, query) => (query?.queryKey[2] as string[] | undefined)?.[1] === step ? before : undefined,
  });

/** What was done to the draft, newest first. */
export const historyQuery = (w: string, flow: string) =>
  pages(keys.of(w, 'history', flow), (paging) => call('get', `${FLOW}/history`, { path: { w, flow }, query: paging }));

/** What was published, newest first. */
export const versionsQuery = (w: string, flow: string) =>
  pages(keys.of(w, 'versions', flow), (paging) => call('get', `${FLOW}/versions`, { path: { w, flow }, query: paging }));

/** What leads from a published version to the draft at this revision. */
export const compareQuery = (w: string, flow: string, version: number, revision: string) =>
  queryOptions({
    queryKey: keys.of(w, 'versions', [flow, version, revision]),
    queryFn: async () => (await call('get', `${FLOW}/versions/{version}/changes`, { path: { w, flow, version } })).items,
    staleTime: Infinity,
  });

export const flows = {
  create: (w: string, body: { name: string; engine?: string; template?: string; graph?: Graph }) =>
    call('post', `${W}/flows`, { path: { w }, body }),
  edit: (w: string, flow: string, base: string, edits: FlowEdit[]) =>
    call('post', `${FLOW}/edits`, { path: { w, flow }, body: { base, edits } }),
  rename: (w: string, flow: string, name: string) => call('patch', FLOW, { path: { w, flow }, body: { name } }),
  publish: (w: string, flow: string) => call('post', `${FLOW}/publish`, { path: { w, flow }, body: {} }),
  enable: (w: string, flow: string) => call('post', `${FLOW}/enable`, { path: { w, flow } }),
  disable: (w: string, flow: string) => call('post', `${FLOW}/disable`, { path: { w, flow } }),
  duplicate: (w: string, flow: string) => call('post', `${FLOW}/duplicate`, { path: { w, flow } }),
  delete: (w: string, flow: string) => call('delete', FLOW, { path: { w, flow } }),
  run: (w: string, flow: string, body: { input?: unknown; draft?: boolean }) =>
    call('post', `${FLOW}/runs`, { path: { w, flow }, body }),
  undo: (w: string, flow: string, edit: string) => call('post', `${FLOW}/undo`, { path: { w, flow }, body: { edit } }),
  restore: (w: string, flow: string, version: number) => call('post', `${FLOW}/restore`, { path: { w, flow }, body: { version } }),
  retry: (w: string, run: string, from: RetryFrom) => call('post', `${W}/runs/{run}/retry`, { path: { w, run }, body: { from } }),
  cancel: (w: string, run: string) => call('post', `${W}/runs/{run}/cancel`, { path: { w, run } }),
};

/** The change that led to a revision, looked for among the newest. */
export async function editIdOf(w: string, flow: string, revision: string): Promise<string> {
  const { items } = await call('get', `${FLOW}/history`, { path: { w, flow }, query: { limit: 200 } });
  const made = items.find((entry) => entry.revision === revision && !entry.conflict);
  if (!made) throw new Problem(404, { code: 'not_found', detail: m.problem.changeGone });
  return made.id;
}
