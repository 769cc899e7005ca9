import { Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Invitation } from '@/api/contract';
import { keys } from '@/api/keys';
import { invitationsQuery, workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import { Loading, Section } from '@/parts/page';
import { ProblemView, toastDone, toastProblem } from '@/parts/problem';
import { Table } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useWorkspace } from '@/parts/workspace';

/** Who was asked and has not come yet. */
export function Invitations() {
  const { id } = useWorkspace();
  const list = useQuery(invitationsQuery(id));
  if (list.data?.length === 0) return null;
  return (
    <Section title={m.invitations.title} flush>
      {list.error && <ProblemView error={list.error} retry={list.refetch} />}
      {list.isPending && <Loading rows={1} />}
      {list.data && (
        <Table
          label={m.invitations.title}
          rows={list.data}
          rowKey={(invitation) => invitation.id}
          columns={[
            { key: 'email', head: m.identity.email, grow: true, cell: ({ email }) => email },
            { key: 'role', head: m.members.role, cell: ({ role }) => <Text size="sm" children={m.role[role]} /> },
            { key: 'expires', head: m.invitations.expires, align: 'end', cell: ({ expires_at }) => <Ago at={expires_at} size="sm" c="dimmed" /> },
            { key: 'menu', head: m.app.actions, bare: true, cell: (invitation) => <Revoke invitation={invitation} workspace={id} /> },
          ]}
        />
      )}
    </Section>
  );
}

function Revoke({ invitation, workspace }: { invitation: Invitation; workspace: string }) {
  const cache = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => workspaces.revokeInvitation(workspace, invitation.id),
    onSuccess: () => {
      toastDone(m.invitations.revoked(invitation.email));
      return cache.invalidateQueries({ queryKey: keys.noun(workspace, 'invitations') });
    },
    onError: toastProblem,
  });
  return (
    <ActIcon name={m.invitations.revoke(invitation.email)} loading={revoke.isPending} onClick={() => revoke.mutate()}>
      <IconTrash size={18} stroke={1.75} />
    </ActIcon>
  );
}
