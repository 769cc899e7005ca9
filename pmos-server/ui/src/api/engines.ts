import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { Engine } from './contract';
import { keys } from './keys';

const W = '/api/v1/workspaces/{w}';
const ONE = `${W}/engines/{engine}` as const;

export const enginesQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'engines'), queryFn: async () => (await call('get', `${W}/engines`, { path: { w } })).items });

/** Whether it is part of this program, so that nothing keeps its workspaces apart but we. */
export const isBuiltIn = ({ connected, wall }: Engine) => connected && wall === null;

/** A place that is made, or `base_url` and the fields of the engine's `login`. */
type Way = { provision: true } | Record<string, string>;

export const engines = {
  connect: (w: string, engine: string, how: Way) => call('put', ONE, { path: { w, engine }, body: how }),
  check: (w: string, engine: string) => call('post', `${ONE}/check`, { path: { w, engine } }),
  rotate: (w: string, engine: string) => call('post', `${ONE}/rotate`, { path: { w, engine } }),
  disconnect: (w: string, engine: string, force: boolean) => call('delete', ONE, { path: { w, engine }, query: force ? { force } : {} }),
};
