import { useQuery } from '@tanstack/react-query';
import { meQuery } from '@/api/identity';
import { membersQuery } from '@/api/workspaces';
import { m } from '@/messages/en';
import { useWorkspace } from './workspace';

/** People by their id, as they are called here. */
export function usePeople() {
  const { id: workspace } = useWorkspace();
  const me = useQuery(meQuery);
  const members = useQuery(membersQuery(workspace));
  return {
    isMe: (id: string) => id === me.data?.user.id,
    nameOf: (id: string) => (id === me.data?.user.id ? m.history.you : (members.data?.find(({ user }) => user === id)?.name ?? m.history.formerMember)),
  };
}
