import '@mantine/spotlight/styles.css';
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import {
  IconBolt,
  IconBuilding,
  IconInbox,
  IconKey,
  IconLayoutDashboard,
  IconListCheck,
  IconMessageCircle,
  IconMoon,
  IconPlayerPlay,
  IconPlug,
  IconPlus,
  IconSearch,
  IconSettings,
  IconSparkles,
  IconUser,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { flowNamesQuery } from '@/api/flows';
import { meQuery } from '@/api/identity';
import { m } from '@/messages/en';
import { useLayer } from '@/parts/layers';

const [store, spotlight] = createSpotlight();

/** Everything reachable by typing. Loaded when first asked for. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const params = useParams({ strict: false });
  const { data: me } = useSuspenseQuery(meQuery);
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const workspace = params.workspace ?? me.workspaces[0]?.id;
  const flows = useQuery({ ...flowNamesQuery(workspace ?? ''), enabled: workspace !== undefined });
  useEffect(() => spotlight.open(), []);
  useLayer(true, spotlight.close);

  const icon = (Icon: typeof IconBolt) => <Icon size={20} stroke={1.75} aria-hidden />;
  const groups: SpotlightActionGroupData[] = [];
  if (workspace) {
    const p = { workspace };
    groups.push({
      group: m.palette.go,
      actions: [
        { id: 'dashboard', label: m.nav.dashboard, leftSection: icon(IconLayoutDashboard), onClick: () => navigate({ to: '/w/$workspace', params: p }) },
        { id: 'automations', label: m.nav.automations, leftSection: icon(IconBolt), onClick: () => navigate({ to: '/w/$workspace/automations', params: p }) },
        { id: 'runs', label: m.nav.runs, leftSection: icon(IconPlayerPlay), onClick: () => navigate({ to: '/w/$workspace/runs', params: p }) },
        { id: 'services', label: m.engines.title, leftSection: icon(IconPlug), onClick: () => navigate({ to: '/w/$workspace/integrations/services', params: p }) },
        { id: 'chat', label: m.nav.chat, leftSection: icon(IconMessageCircle), onClick: () => navigate({ to: '/w/$workspace/chat/{-$session}', params: { ...p, session: undefined } }) },
        { id: 'approvals', label: m.nav.approvals, leftSection: icon(IconInbox), onClick: () => navigate({ to: '/w/$workspace/approvals', params: p }) },
        { id: 'models', label: m.models.title, leftSection: icon(IconSparkles), onClick: () => navigate({ to: '/w/$workspace/integrations/models', params: p }) },
        { id: 'connections', label: m.connections.title, leftSection: icon(IconPlug), onClick: () => navigate({ to: '/w/$workspace/integrations/connections', params: p }) },
        { id: 'keys', label: m.keys.title, leftSection: icon(IconKey), onClick: () => navigate({ to: '/w/$workspace/integrations/api-keys', params: p }) },
        { id: 'members', label: m.members.title, leftSection: icon(IconUsers), onClick: () => navigate({ to: '/w/$workspace/admin/members', params: p }) },
        { id: 'settings', label: m.settings.title, leftSection: icon(IconSettings), onClick: () => navigate({ to: '/w/$workspace/admin/settings', params: p }) },
        { id: 'audit', label: m.audit.title, leftSection: icon(IconListCheck), onClick: () => navigate({ to: '/w/$workspace/admin/audit', params: p }) },
      ],
    });
    groups.push({
      group: m.palette.do,
      actions: [
        {
          id: 'new-automation',
          label: m.flows.create,
          leftSection: icon(IconPlus),
          onClick: () => navigate({ to: '/w/$workspace/automations', params: p, search: { create: true } }),
        },
        {
          id: 'theme',
          label: scheme === 'dark' ? m.nav.light : m.nav.dark,
          leftSection: icon(IconMoon),
          onClick: () => setColorScheme(scheme === 'dark' ? 'light' : 'dark'),
        },
      ],
    });
    groups.push({
      group: m.nav.automations,
      actions: (flows.data ?? []).map(({ id, name }) => ({
        id,
        label: name,
        leftSection: icon(IconBolt),
        onClick: () => navigate({ to: '/w/$workspace/automations/$flow', params: { workspace, flow: id } }),
      })),
    });
  }
  groups.push({
    group: m.palette.elsewhere,
    actions: [
      { id: 'account', label: m.nav.yourAccount, leftSection: icon(IconUser), onClick: () => navigate({ to: '/account' }) },
      ...(me.user.super_admin
        ? [{ id: 'instance', label: m.nav.instance, leftSection: icon(IconBuilding), onClick: () => navigate({ to: '/instance' }) }]
        : []),
      ...me.workspaces
        .filter(({ id }) => id !== workspace)
        .map(({ id, name }) => ({
          id,
          label: m.palette.switchTo(name),
          leftSection: icon(IconBuilding),
          onClick: () => navigate({ to: '/w/$workspace', params: { workspace: id } }),
        })),
    ],
  });

  return (
    <Spotlight
      store={store}
      actions={groups.filter((group) => group.actions.length > 0)}
      shortcut={null}
      closeOnEscape={false}
      highlightQuery
      scrollable
      maxHeight={420}
      limit={12}
      nothingFound={m.palette.nothing}
      onSpotlightClose={() => setTimeout(onClose, 200)}
      searchProps={{ leftSection: <IconSearch size={20} stroke={1.75} />, placeholder: m.palette.open, 'aria-label': m.palette.open }}
    />
  );
}
