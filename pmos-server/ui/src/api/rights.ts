import type { Role } from './contract';

const RANK: Record<Role, number> = { viewer: 0, member: 1, workspace_admin: 2 };

/** The least role for what the screens offer. The server decides; this only explains beforehand. */
const LEAST = {
  'workspace.update': 'workspace_admin',
  'workspace.delete': 'workspace_admin',
  'members.update': 'workspace_admin',
  'members.remove': 'workspace_admin',
  'invitations.list': 'workspace_admin',
  'invitations.create': 'workspace_admin',
  'api_keys.list': 'member',
  'api_keys.create': 'member',
  'api_keys.create_service': 'workspace_admin',
  'flows.create': 'member',
  'flows.edit': 'member',
  'flows.publish': 'member',
  'flows.delete': 'member',
  'runs.start': 'member',
  'runs.cancel': 'member',
  'runs.retry': 'member',
  'engines.connect': 'workspace_admin',
  'engines.check': 'member',
  'connections.create': 'workspace_admin',
  'connections.test': 'member',
  'audit.list': 'workspace_admin',
  'quota.get': 'workspace_admin',
  'chat.send': 'member',
  'models.connect': 'workspace_admin',
  'approvals.list': 'member',
  'approvals.policy.set': 'workspace_admin',
  'grants.list': 'workspace_admin',
} satisfies Record<string, Role>;

export type Right = keyof typeof LEAST;

/** The role that is missing, or nothing when `role` suffices. */
export function missingRole(role: Role, right: Right): Role | null {
  const least = LEAST[right];
  return RANK[role] >= RANK[least] ? null : least;
}
