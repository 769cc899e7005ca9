import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type { AuditOutcome, Role } from './contract';
import { keys } from './keys';
import { pages, whole } from './lists';

const W = '/api/v1/workspaces/{w}';

export const workspaceQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'workspace'), queryFn: () => call('get', W, { path: { w } }) });

export const dashboardQuery = (w: string, window: '24h' | '7d') =>
  queryOptions({
    queryKey: keys.of(w, 'dashboard', window),
    queryFn: () => call('get', `${W}/dashboard`, { path: { w }, query: { window } }),
  });

export const membersQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'members'), queryFn: () => whole((query) => call('get', `${W}/members`, { path: { w }, query })) });

export const invitationsQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'invitations'), queryFn: () => whole((query) => call('get', `${W}/invitations`, { path: { w }, query })) });

export const apiKeysQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'api-keys'), queryFn: () => whole((query) => call('get', `${W}/api-keys`, { path: { w }, query })) });

export const quotaQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'quota'), queryFn: () => call('get', `${W}/quota`, { path: { w } }) });

export interface AuditFilter {
  actor?: string;
  object?: string;
  outcome?: AuditOutcome;
  since?: string;
}

export const auditQuery = (w: string, filter: AuditFilter = {}) =>
  pages(keys.of(w, 'audit', filter), (paging) => call('get', `${W}/audit`, { path: { w }, query: { ...filter, ...paging } }));

export const allWorkspacesQuery = pages(keys.workspaces, (query) => call('get', '/api/v1/admin/workspaces', { query }));

/** What was done to the server as a whole. */
export const instanceAuditQuery = pages(keys.audit, (query) => call('get', '/api/v1/admin/audit', { query }));

export const workspaces = {
  create: (name: string) => call('post', '/api/v1/workspaces', { body: { name } }),
  update: (w: string, body: { name?: string; time_zone?: string; retention_days?: number }) =>
    call('patch', W, { path: { w }, body }),
  delete: (w: string, confirm: string) => call('delete', W, { path: { w }, body: { confirm } }),
  leave: (w: string) => call('post', `${W}/leave`, { path: { w } }),
  setRole: (w: string, user: string, role: Role) =>
    call('patch', `${W}/members/{user}`, { path: { w, user }, body: { role } }),
  removeMember: (w: string, user: string) => call('delete', `${W}/members/{user}`, { path: { w, user } }),
  invite: (w: string, body: { email: string; role: Role }) =>
    call('post', `${W}/invitations`, { path: { w }, body }),
  revokeInvitation: (w: string, invitation: string) =>
    call('delete', `${W}/invitations/{id}`, { path: { w, id: invitation } }),
  createKey: (w: string, body: { name: string; scopes: string[]; expires_at?: string; service?: boolean }) =>
    call('post', `${W}/api-keys`, { path: { w }, body }),
  revokeKey: (w: string, key: string) => call('delete', `${W}/api-keys/{key}`, { path: { w, key } }),
  verifyAudit: (w: string) => call('get', `${W}/audit/verify`, { path: { w } }),
  verifyInstanceAudit: () => call('get', '/api/v1/admin/audit/verify'),
  actAs: (workspace: string, reason: string) =>
    call('post', '/api/v1/admin/act-as', { body: { workspace, reason } }),
};
