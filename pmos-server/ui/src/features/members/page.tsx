import { Menu, Select, Text, Tooltip } from '@mantine/core';
import { IconDots, IconDoorExit, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Member, Role } from '@/api/contract';
import { meQuery } from '@/api/identity';
import { keys } from '@/api/keys';
import { membersQuery, workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { Act, ActIcon, ActItem } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView, toastDone, toastProblem } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { Table, TwoLines } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import { Invitations } from './invitations';
import { InviteDialog } from './invite-dialog';

const ROLES: Role[] = ['viewer', 'member', 'workspace_admin'];

export function MembersPage() {
  const { id, name } = useWorkspace();
  const members = useQuery(membersQuery(id));
  const reason = useReason('invitations.create');
  const [inviting, setInviting] = useState(false);
  const admins = members.data?.filter(({ role }) => role === 'workspace_admin').length ?? 0;
  return (
    <Page
      title={m.members.title}
      subtitle={m.members.subtitle(name)}
      actions={
        <Act reason={reason} leftSection={<IconPlus size={18} />} onClick={() => setInviting(true)}>
          {m.members.invite}
        </Act>
      }
    >
      <SectionTabs group="admin" />
      <Section flush>
        {members.error && <ProblemView error={members.error} retry={members.refetch} />}
        {members.isPending && <Loading rows={3} />}
        {members.data && (
          <Table
            label={m.members.title}
            rows={members.data}
            rowKey={(member) => member.user}
            columns={[
              {
                key: 'name',
                head: m.members.name,
                grow: true,
                cell: (member) => <TwoLines first={<Text fw={550} span children={member.name} />} second={member.email} />,
              },
              { key: 'role', head: m.members.role, cell: (member) => <RoleSelect member={member} workspace={id} admins={admins} /> },
              { key: 'joined', head: m.members.joined, align: 'end', cell: ({ joined_at }) => <Ago at={joined_at} size="sm" c="dimmed" /> },
              { key: 'menu', head: m.app.actions, bare: true, cell: (member) => <MemberMenu member={member} admins={admins} /> },
            ]}
          />
        )}
      </Section>
      {!reason && <Invitations />}
      <InviteDialog opened={inviting} onClose={() => setInviting(false)} />
    </Page>
  );
}

function RoleSelect({ member, workspace, admins }: { member: Member; workspace: string; admins: number }) {
  const { data: me } = useSuspenseQuery(meQuery);
  const right = useReason('members.update');
  const cache = useQueryClient();
  const last = member.role === 'workspace_admin' && admins === 1;
  const reason = right ?? (last ? m.members.lastAdmin : member.user === me.user.id ? m.members.ownRole : null);
  const change = useMutation({
    mutationFn: (role: Role) => workspaces.setRole(workspace, member.user, role),
    onSuccess: (_, role) => {
      toastDone(m.members.roleChanged(member.name, m.role[role].toLowerCase()));
      return cache.invalidateQueries({ queryKey: keys.noun(workspace, 'members') });
    },
    onError: toastProblem,
  });
  const label = m.members.roleOf(member.name);
  if (reason) {
    return (
      <Tooltip label={reason}>
        <Text size="sm" span tabIndex={0} role="note" aria-label={`${label}: ${m.role[member.role]}. ${reason}`}>
          {m.role[member.role]}
        </Text>
      </Tooltip>
    );
  }
  return (
    <Select
      aria-label={label}
      size="xs"
      w={170}
      data={ROLES.map((value) => ({ value, label: m.role[value] }))}
      value={member.role}
      disabled={change.isPending}
      onChange={(role) => role && role !== member.role && change.mutate(role as Role)}
    />
  );
}

function MemberMenu({ member, admins }: { member: Member; admins: number }) {
  const { id: workspace, name } = useWorkspace();
  const { data: me } = useSuspenseQuery(meQuery);
  const cache = useQueryClient();
  const navigate = useNavigate();
  const right = useReason('members.remove');
  const [asking, setAsking] = useState(false);
  const self = member.user === me.user.id;
  const last = member.role === 'workspace_admin' && admins === 1 ? m.members.lastAdmin : null;
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActIcon name={m.members.menu(member.name)}>
            <IconDots size={18} stroke={1.75} />
          </ActIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <ActItem
            color="red"
            reason={self ? last : (right ?? last)}
            leftSection={self ? <IconDoorExit size={18} stroke={1.75} /> : <IconTrash size={18} stroke={1.75} />}
            onClick={() => setAsking(true)}
          >
            {self ? m.members.leave : m.members.remove}
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={self ? m.members.leaveTitle(name) : m.members.removeTitle(member.name)}
        action={self ? m.members.leave : m.members.remove}
        onConfirm={async () => {
          if (self) {
            await workspaces.leave(workspace);
            await cache.fetchQuery({ ...meQuery, staleTime: 0 });
            await navigate({ to: '/' });
            return;
          }
          await workspaces.removeMember(workspace, member.user);
          toastDone(m.members.removed(member.name));
          await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'members') });
        }}
      >
        {self ? m.members.leaveText : m.members.removeText}
      </Confirm>
    </>
  );
}
