import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { ProviderKind } from './contract';
import { keys } from './keys';

const W = '/api/v1/workspaces/{w}';
const ONE = `${W}/models/{provider}` as const;

/** The providers of models that are connected. */
export const providersQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'models'), queryFn: async () => (await call('get', `${W}/models`, { path: { w } })).items });

/** The models that a conversation can use, the default one first. */
export const catalogQuery = (w: string) =>
  queryOptions({
    queryKey: keys.of(w, 'models', 'catalog'),
    queryFn: async () => (await call('get', `${W}/models/catalog`, { path: { w } })).items,
  });

export interface ProviderSettings {
  kind: ProviderKind;
  base_url?: string;
  api_key?: string;
  default_model?: string;
  preferred?: boolean;
}

export const models = {
  connect: (w: string, provider: string, body: ProviderSettings) => call('put', ONE, { path: { w, provider }, body }),
  check: (w: string, provider: string) => call('post', `${ONE}/check`, { path: { w, provider } }),
  disconnect: (w: string, provider: string) => call('delete', ONE, { path: { w, provider } }),
};
