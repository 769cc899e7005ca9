import { Link, useParams, useRouterState } from '@tanstack/react-router';
import { m } from '@/messages/en';
import classes from './section-tabs.module.css';

const GROUPS = {
  integrations: [
    { to: '/w/$workspace/integrations/services', label: m.engines.services },
    { to: '/w/$workspace/integrations/models', label: m.models.title },
    { to: '/w/$workspace/integrations/connections', label: m.connections.title },
    { to: '/w/$workspace/integrations/api-keys', label: m.keys.title },
  ],
  admin: [
    { to: '/w/$workspace/admin/members', label: m.members.title },
    { to: '/w/$workspace/admin/settings', label: m.settings.title },
    { to: '/w/$workspace/admin/approvals', label: m.approvals.title },
    { to: '/w/$workspace/admin/usage', label: m.quota.title },
    { to: '/w/$workspace/admin/audit', label: m.audit.title },
  ],
  approvals: [
    { to: '/w/$workspace/approvals', label: m.approvals.pending },
    { to: '/w/$workspace/approvals/history', label: m.approvals.history },
    { to: '/w/$workspace/approvals/grants', label: m.approvals.grants },
  ],
  instance: [
    { to: '/instance', label: m.instance.workspaces },
    { to: '/instance/audit', label: m.audit.title },
  ],
} as const;

/** The way between the pages of one group, of the workspace of the address or of the whole server. */
export function SectionTabs({ group }: { group: keyof typeof GROUPS }) {
  const { workspace = '' } = useParams({ strict: false });
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <nav className={classes.tabs} aria-label={m.nav[group]}>
      {GROUPS[group].map(({ to, label }) => (
        <Link key={to} to={to} params={{ workspace }} className={classes.tab} activeOptions={{ exact: true }} aria-current={path === to.replace('$workspace', workspace) ? 'page' : undefined}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
