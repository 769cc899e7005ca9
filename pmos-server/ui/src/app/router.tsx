import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { AUDIT_OUTCOMES, type AuditOutcome, RUN_STATUSES, type RunStatus } from '@/api/contract';
import { useLayerKeys } from '@/parts/layers';
import { identityGate, landing } from './gate';
import { Missing } from '@/parts/missing';
import { Broken } from './trouble';
import { Shell } from './shell';
import { WorkspaceFrame } from './workspace-frame';

type Search = Record<string, unknown>;
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const root = createRootRoute({
  component: function Root() {
    useLayerKeys();
    return <Outlet />;
  },
});

const home = createRoute({ getParentRoute: () => root, path: '/', beforeLoad: landing });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Search): { next?: string } => ({ next: text(search.next) }),
  component: lazyRouteComponent(() => import('@/features/identity/sign-in'), 'SignIn'),
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: '/sign-up',
  component: lazyRouteComponent(() => import('@/features/identity/sign-up'), 'SignUp'),
});

const join = createRoute({
  getParentRoute: () => root,
  path: '/join/$token',
  component: lazyRouteComponent(() => import('@/features/identity/join'), 'Join'),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset/$token',
  component: lazyRouteComponent(() => import('@/features/identity/reset'), 'Reset'),
});

const askReset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: lazyRouteComponent(() => import('@/features/identity/ask-reset'), 'AskReset'),
});

/** Everything behind the sign-in. */
const inside = createRoute({ getParentRoute: () => root, id: 'inside', beforeLoad: identityGate, component: Shell });

const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/account/page'), 'AccountPage'),
});

const instance = createRoute({
  getParentRoute: () => inside,
  path: '/instance',
  component: lazyRouteComponent(() => import('@/features/instance/page'), 'InstancePage'),
});

const instanceAudit = createRoute({
  getParentRoute: () => inside,
  path: '/instance/audit',
  component: lazyRouteComponent(() => import('@/features/audit/instance-page'), 'InstanceAuditPage'),
});

const workspace = createRoute({ getParentRoute: () => inside, path: '/w/$workspace', component: WorkspaceFrame });

const dashboard = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  validateSearch: (search: Search): { window?: '7d' } => ({ window: search.window === '7d' ? '7d' : undefined }),
  component: lazyRouteComponent(() => import('@/features/dashboard/page'), 'DashboardPage'),
});

const automations = createRoute({
  getParentRoute: () => workspace,
  path: '/automations',
  validateSearch: (search: Search): { q?: string; state?: 'on' | 'off'; engine?: string; create?: true } => ({
    q: text(search.q),
    engine: text(search.engine),
    state: search.state === 'on' || search.state === 'off' ? search.state : undefined,
    create: search.create === true ? true : undefined,
  }),
  component: lazyRouteComponent(() => import('@/features/flows/list-page'), 'FlowsPage'),
});

const automation = createRoute({
  getParentRoute: () => workspace,
  path: '/automations/$flow',
  validateSearch: (search: Search): { step?: string } => ({ step: text(search.step) }),
  component: lazyRouteComponent(() => import('@/features/flows/flow-page'), 'FlowPage'),
});

const runs = createRoute({
  getParentRoute: () => workspace,
  path: '/runs',
  validateSearch: (search: Search): { flow?: string; engine?: string; status?: RunStatus; q?: string } => ({
    flow: text(search.flow),
    engine: text(search.engine),
    status: RUN_STATUSES.find((status) => status === search.status),
    q: text(search.q),
  }),
  component: lazyRouteComponent(() => import('@/features/runs/list-page'), 'RunsPage'),
});

const run = createRoute({
  getParentRoute: () => workspace,
  path: '/runs/$run',
  validateSearch: (search: Search): { at?: string } => ({ at: text(search.at) }),
  component: lazyRouteComponent(() => import('@/features/runs/run-page'), 'RunPage'),
});

const integrations = createRoute({
  getParentRoute: () => workspace,
  path: '/integrations',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/w/$workspace/integrations/services', params });
  },
});

const services = createRoute({
  getParentRoute: () => workspace,
  path: '/integrations/services',
  component: lazyRouteComponent(() => import('@/features/engines/page'), 'EnginesPage'),
});

const connections = createRoute({
  getParentRoute: () => workspace,
  path: '/integrations/connections',
  validateSearch: (search: Search): { engine?: string } => ({ engine: text(search.engine) }),
  component: lazyRouteComponent(() => import('@/features/connections/page'), 'ConnectionsPage'),
});

const apiKeys = createRoute({
  getParentRoute: () => workspace,
  path: '/integrations/api-keys',
  component: lazyRouteComponent(() => import('@/features/api-keys/page'), 'ApiKeysPage'),
});

const models = createRoute({
  getParentRoute: () => workspace,
  path: '/integrations/models',
  component: lazyRouteComponent(() => import('@/features/models/page'), 'ModelsPage'),
});

const chat = createRoute({
  getParentRoute: () => workspace,
  path: '/chat/{-$session}',
  component: lazyRouteComponent(() => import('@/features/chat/page'), 'ChatPage'),
});

const approvals = createRoute({
  getParentRoute: () => workspace,
  path: '/approvals',
  component: lazyRouteComponent(() => import('@/features/approvals/page'), 'ApprovalsPage'),
});

const approvalHistory = createRoute({
  getParentRoute: () => workspace,
  path: '/approvals/history',
  validateSearch: (search: Search): { open?: string } => ({ open: text(search.open) }),
  component: lazyRouteComponent(() => import('@/features/approvals/history-page'), 'ApprovalHistoryPage'),
});

const grants = createRoute({
  getParentRoute: () => workspace,
  path: '/approvals/grants',
  component: lazyRouteComponent(() => import('@/features/approvals/grants-page'), 'GrantsPage'),
});

const admin = createRoute({
  getParentRoute: () => workspace,
  path: '/admin',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/w/$workspace/admin/members', params });
  },
});

const members = createRoute({
  getParentRoute: () => workspace,
  path: '/admin/members',
  component: lazyRouteComponent(() => import('@/features/members/page'), 'MembersPage'),
});

const settings = createRoute({
  getParentRoute: () => workspace,
  path: '/admin/settings',
  component: lazyRouteComponent(() => import('@/features/workspace/page'), 'WorkspacePage'),
});

const approvalPolicy = createRoute({
  getParentRoute: () => workspace,
  path: '/admin/approvals',
  component: lazyRouteComponent(() => import('@/features/approvals/policy-page'), 'PolicyPage'),
});

const usage = createRoute({
  getParentRoute: () => workspace,
  path: '/admin/usage',
  component: lazyRouteComponent(() => import('@/features/quota/page'), 'QuotaPage'),
});

const audit = createRoute({
  getParentRoute: () => workspace,
  path: '/admin/audit',
  validateSearch: (search: Search): { actor?: string; object?: string; outcome?: AuditOutcome; days?: number } => ({
    actor: text(search.actor),
    object: text(search.object),
    outcome: AUDIT_OUTCOMES.find((outcome) => outcome === search.outcome),
    days: [1, 7, 30].find((days) => days === search.days),
  }),
  component: lazyRouteComponent(() => import('@/features/audit/page'), 'AuditPage'),
});

const tree = root.addChildren([
  home,
  signIn,
  signUp,
  join,
  askReset,
  reset,
  inside.addChildren([
    account,
    instance,
    instanceAudit,
    workspace.addChildren([
      dashboard,
      automations,
      automation,
      runs,
      run,
      integrations,
      services,
      models,
      connections,
      apiKeys,
      chat,
      approvals,
      approvalHistory,
      grants,
      admin,
      members,
      settings,
      approvalPolicy,
      usage,
      audit,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultNotFoundComponent: Missing,
  defaultErrorComponent: Broken,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
