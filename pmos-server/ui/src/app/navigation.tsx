import { Badge, Burger, Menu, Stack, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconBolt, IconBuilding, IconCheck, IconInbox, IconLayoutDashboard, IconMessageCircle, IconPlayerPlay, IconPlug, IconPlus, IconSelector, IconSettings } from '@tabler/icons-react';
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Link, type LinkProps, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { actAs } from '@/api/act-as';
import { approvalsQuery } from '@/api/approvals';
import { meQuery } from '@/api/identity';
import { missingRole } from '@/api/rights';
import { m } from '@/messages/en';
import { lastWorkspace } from './last-workspace';
import classes from './shell.module.css';

const NewWorkspace = lazy(() => import('./new-workspace'));

/** The way between the nouns of the workspace, and between workspaces. */
export function Navigation({ opened, close }: { opened: boolean; close: () => void }) {
  const { data: me } = useSuspenseQuery(meQuery);
  const params = useParams({ strict: false });
  const mine = (id: string | null | undefined) => me.workspaces.find((each) => each.id === id)?.id;
  const acting = params.workspace ? actAs(params.workspace)?.workspace : undefined;
  const workspace = mine(params.workspace) ?? acting ?? mine(lastWorkspace()) ?? me.workspaces[0]?.id;
  const role = acting ? 'workspace_admin' : me.workspaces.find(({ id }) => id === workspace)?.role;
  const chats = role !== undefined && !missingRole(role, 'chat.send');
  const decides = role !== undefined && !missingRole(role, 'approvals.list');
  return (
    <>
      <div className={classes.switchRow}>
        <Switcher current={workspace} />
        <Burger hiddenFrom="sm" size="sm" opened={opened} onClick={close} aria-label={m.nav.close} />
      </div>
      {workspace && (
        <Stack gap={2} className={classes.links}>
          <NavItem icon={IconLayoutDashboard} label={m.nav.dashboard} to="/w/$workspace" params={{ workspace }} activeOptions={{ exact: true, includeSearch: false }} />
          <NavItem icon={IconBolt} label={m.nav.automations} to="/w/$workspace/automations" params={{ workspace }} />
          <NavItem icon={IconPlayerPlay} label={m.nav.runs} to="/w/$workspace/runs" params={{ workspace }} />
          <NavItem icon={IconPlug} label={m.nav.integrations} to="/w/$workspace/integrations" params={{ workspace }} />
          {chats && <NavItem icon={IconMessageCircle} label={m.nav.chat} to="/w/$workspace/chat/{-$session}" params={{ workspace, session: undefined }} />}
          {decides && (
            <NavItem icon={IconInbox} label={m.nav.approvals} aside={<Waiting workspace={workspace} />} to="/w/$workspace/approvals" params={{ workspace }} />
          )}
        </Stack>
      )}
      <Stack gap={2} mt="auto">
        {me.user.super_admin && <NavItem icon={IconBuilding} label={m.nav.instance} to="/instance" />}
        {workspace && <NavItem icon={IconSettings} label={m.nav.admin} to="/w/$workspace/admin" params={{ workspace }} />}
      </Stack>
    </>
  );
}

function NavItem({ icon: Icon, label, aside, ...link }: { icon: typeof IconBolt; label: string; aside?: ReactNode } & LinkProps) {
  return (
    <Link {...link} className={classes.link}>
      <Icon size={18} stroke={1.75} aria-hidden />
      {label}
      {aside}
    </Link>
  );
}

/** How many requests for approval wait. */
function Waiting({ workspace }: { workspace: string }) {
  const { data, hasNextPage } = useInfiniteQuery(approvalsQuery(workspace, 'pending'));
  if (!data || data.length === 0) return null;
  const count = `${data.length}${hasNextPage ? '+' : ''}`;
  return (
    <Badge size="sm" circle={count.length === 1} ml="auto">
      {count}
      <VisuallyHidden> {m.nav.waiting}</VisuallyHidden>
    </Badge>
  );
}

function Switcher({ current }: { current: string | undefined }) {
  const { data: me } = useSuspenseQuery(meQuery);
  const navigate = useNavigate();
  const [creating, setCreating] = useState(false);
  const membership = me.workspaces.find(({ id }) => id === current);
  const acting = current && !membership ? actAs(current) : null;
  const name = membership?.name ?? acting?.name ?? m.nav.noWorkspace;
  const role = acting ? m.actAs.role : membership ? m.role[membership.role] : '';
  return (
    <>
      <Menu position="bottom-start" width={264}>
        <Menu.Target>
          <UnstyledButton className={classes.switcher}>
            <span className={classes.mark} aria-hidden>
              {name.slice(0, 1).toUpperCase()}
            </span>
            <span className={classes.switcherText}>
              <span className={classes.switcherName} title={name}>
                {name}
              </span>
              <span className={classes.switcherRole}>{role}</span>
            </span>
            <VisuallyHidden>{m.nav.switch}</VisuallyHidden>
            <IconSelector size={16} stroke={1.75} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{m.nav.workspaces}</Menu.Label>
          {me.workspaces.map(({ id, name: other }) => (
            <Menu.Item
              key={id}
              onClick={() => navigate({ to: '/w/$workspace', params: { workspace: id } })}
              rightSection={id === current ? <IconCheck size={16} aria-label={m.nav.current} /> : null}
            >
              <span className={classes.cut} title={other}>
                {other}
              </span>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconPlus size={18} stroke={1.75} />} onClick={() => setCreating(true)}>
            {m.nav.newWorkspace}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {creating && (
        <Suspense fallback={null}>
          <NewWorkspace onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </>
  );
}
