import { queryOptions } from '@tanstack/react-query';
import { call } from './client';
import type {
  ApiKey,
  AuditCheck,
  AuditRecord,
  Dashboard,
  Invitation,
  Member,
  Role,
  Usage,
  Workspace,
  WorkspaceSummary,
} from './contract';
import { keys } from './keys';
import { pages, whole } from './lists';

const W = '/api/v1/workspaces/{w}';

export const workspaceQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'workspace'), queryFn: () => call<Workspace>('get', W, { path: { w } }) });

export const dashboardQuery = (w: string, window: '24h' | '7d') =>
  queryOptions({
    queryKey: keys.of(w, 'dashboard', window),
    queryFn: () => call<Dashboard>('get', `${W}/dashboard`, { path: { w }, query: { window } }),
  });

export const membersQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'members'), queryFn: () => whole<Member>(`${W}/members`, { w }) });

export const invitationsQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'invitations'), queryFn: () => whole<Invitation>(`${W}/invitations`, { w }) });

export const apiKeysQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'api-keys'), queryFn: () => whole<ApiKey>(`${W}/api-keys`, { w }) });

export const quotaQuery = (w: string) =>
  queryOptions({ queryKey: keys.noun(w, 'quota'), queryFn: () => call<Usage[]>('get', `${W}/quota`, { path: { w } }) });

export const auditQuery = (w: string) => pages<AuditRecord>(keys.noun(w, 'audit'), `${W}/audit`, { w });

export const allWorkspacesQuery = pages<WorkspaceSummary>(keys.workspaces, '/api/v1/admin/workspaces', {});

export const workspaces = {
  create: (name: string) => call<{ id: string; name: string }>('post', '/api/v1/workspaces', { body: { name } }),
  update: (w: string, body: { name?: string; time_zone?: string; retention_days?: number }) =>
    call<Workspace>('patch', W, { path: { w }, body }),
  delete: (w: string, confirm: string) => call<void>('delete', W, { path: { w }, body: { confirm } }),
  leave: (w: string) => call<void>('post', `${W}/leave`, { path: { w } }),
  setRole: (w: string, user: string, role: Role) =>
    call<Member>('patch', `${W}/members/{user}`, { path: { w, user }, body: { role } }),
  removeMember: (w: string, user: string) => call<void>('delete', `${W}/members/{user}`, { path: { w, user } }),
  invite: (w: string, body: { email: string; role: Role }) =>
    call<Invitation & { link: string }>('post', `${W}/invitations`, { path: { w }, body }),
  revokeInvitation: (w: string, invitation: string) =>
    call<void>('delete', `${W}/invitations/{invitation}`, { path: { w, invitation } }),
  createKey: (w: string, body: { name: string; scopes: string[]; expires_at?: string; service?: boolean }) =>
    call<{ id: string; secret: string }>('post', `${W}/api-keys`, { path: { w }, body }),
  revokeKey: (w: string, key: string) => call<void>('delete', `${W}/api-keys/{key}`, { path: { w, key } }),
  verifyAudit: (w: string) => call<AuditCheck>('get', `${W}/audit/verify`, { path: { w } }),
  actAs: (workspace: string, reason: string) =>
    call<{ id: string; expires_at: string }>('post', '/api/v1/admin/act-as', { body: { workspace, reason } }),
};
