import { useQuery } from '@tanstack/react-query';
import { meQuery } from '@/api/identity';
import { membersQuery } from '@/api/workspaces';
import { m } from '@/messages/en';
import { useEngines } from '@/parts/engine';

/** Who made a change, by name where the workspace knows it. */
export function useAuthors(workspace: string, engine: string): (author: string) => string {
  const me = useQuery(meQuery);
  const members = useQuery(membersQuery(workspace));
  const { titleOf } = useEngines();
  return (author) => {
    if (author === 'outside') return m.history.externalEditor(titleOf(engine));
    if (author === me.data?.user.id) return m.history.you;
    const member = members.data?.find(({ user }) => user === author);
    if (member) return member.name;
    return author.startsWith('key_') ? m.history.key : author.startsWith('usr_') ? m.history.formerMember : m.history.system;
  };
}
