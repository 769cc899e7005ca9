/** Keys of the cache: workspace first, so that changing workspace drops the others as a whole. */
export const keys = {
  me: ['me'] as const,
  bootstrap: ['bootstrap'] as const,
  sessions: ['me', 'sessions'] as const,
  offer: (token: string) => ['offer', token] as const,
  workspaces: ['admin', 'workspaces'] as const,
  audit: ['admin', 'audit'] as const,
  all: (workspace: string) => [workspace] as const,
  noun: (workspace: string, noun: Noun) => [workspace, noun] as const,
  of: (workspace: string, noun: Noun, about: unknown) => [workspace, noun, about] as const,
};

export type Noun =
  | 'workspace'
  | 'members'
  | 'invitations'
  | 'api-keys'
  | 'dashboard'
  | 'flows'
  | 'flow'
  | 'templates'
  | 'pieces'
  | 'piece'
  | 'options'
  | 'runs'
  | 'run'
  | 'connections'
  | 'credential'
  | 'engines'
  | 'history'
  | 'scope'
  | 'versions'
  | 'external-edit'
  | 'audit'
  | 'quota'
  | 'chats'
  | 'models'
  | 'approvals'
  | 'approval'
  | 'approval-policy'
  | 'grants';
