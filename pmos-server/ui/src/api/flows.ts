import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { FieldOption, Flow, FlowEdit, FlowSummary, Graph, Page, Piece, PieceSummary, Run, RunSummary, Settings, Template } from './contract';
import { keys } from './keys';
import { pages, whole } from './lists';

const W = '/api/v1/workspaces/{w}';
const FLOW = `${W}/flows/{flow}`;

export interface FlowFilter {
  q?: string;
  enabled?: boolean;
}

export interface RunFilter {
  flow?: string;
  status?: string;
  q?: string;
}

export const flowsQuery = (w: string, filter: FlowFilter = {}) =>
  pages<FlowSummary>(keys.of(w, 'flows', filter), `${W}/flows`, { w }, { ...filter });

export const flowQuery = (w: string, flow: string) =>
  queryOptions({ queryKey: keys.of(w, 'flow', flow), queryFn: () => call<Flow>('get', FLOW, { path: { w, flow } }) });

/** Names of all flows, for pickers and for naming runs. */
export const flowNamesQuery = (w: string) =>
  queryOptions({
    queryKey: keys.of(w, 'flows', 'names'),
    queryFn: async () => (await whole<FlowSummary>(`${W}/flows`, { w })).map(({ id, name }) => ({ id, name })),
  });

export const templatesQuery = (w: string) =>
  queryOptions({
    queryKey: keys.noun(w, 'templates'),
    queryFn: () => whole<Template>(`${W}/templates`, { w }),
    staleTime: Infinity,
  });

export const piecesQuery = (w: string, engine: string) =>
  queryOptions({
    queryKey: keys.of(w, 'pieces', engine),
    queryFn: () => whole<PieceSummary>(`${W}/engines/{engine}/pieces`, { w, engine }),
    staleTime: Infinity,
  });

export const pieceQuery = (w: string, engine: string, piece: string) =>
  queryOptions({
    queryKey: keys.of(w, 'piece', [engine, piece]),
    queryFn: () => call<Piece>('get', `${W}/engines/{engine}/pieces/{piece}`, { path: { w, engine, piece } }),
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
      call<Page<FieldOption>>('post', `${W}/engines/{engine}/options`, { path: { w, engine }, body }),
  });

export const runsQuery = (w: string, filter: RunFilter = {}) =>
  pages<RunSummary>(keys.of(w, 'runs', filter), `${W}/runs`, { w }, { ...filter });

export const runQuery = (w: string, run: string) =>
  queryOptions({
    queryKey: keys.of(w, 'run', run),
    queryFn: () => call<Run>('get', `${W}/runs/{run}`, { path: { w, run } }),
  });

export const flows = {
  create: (w: string, body: { name: string; template?: string; graph?: Graph }) =>
    call<Flow>('post', `${W}/flows`, { path: { w }, body }),
  edit: (w: string, flow: string, base: string, edits: FlowEdit[]) =>
    call<Flow>('post', `${FLOW}/edits`, { path: { w, flow }, body: { base, edits } }),
  rename: (w: string, flow: string, name: string) => call<Flow>('patch', FLOW, { path: { w, flow }, body: { name } }),
  publish: (w: string, flow: string) => call<Flow>('post', `${FLOW}/publish`, { path: { w, flow }, body: {} }),
  enable: (w: string, flow: string) => call<Flow>('post', `${FLOW}/enable`, { path: { w, flow } }),
  disable: (w: string, flow: string) => call<Flow>('post', `${FLOW}/disable`, { path: { w, flow } }),
  duplicate: (w: string, flow: string) => call<Flow>('post', `${FLOW}/duplicate`, { path: { w, flow } }),
  delete: (w: string, flow: string) => call<void>('delete', FLOW, { path: { w, flow } }),
  run: (w: string, flow: string, body: { input?: unknown; draft?: boolean }) =>
    call<RunSummary>('post', `${FLOW}/runs`, { path: { w, flow }, body }),
  cancel: (w: string, run: string) => call<RunSummary>('post', `${W}/runs/{run}/cancel`, { path: { w, run } }),
};
