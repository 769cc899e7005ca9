import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { connectionsQuery } from '@/api/connections';
import { flowNamesQuery } from '@/api/flows';
import { apiKeysQuery, auditQuery, membersQuery, workspaces } from '@/api/workspaces';
import { SectionTabs } from '@/parts/section-tabs';
import { m } from '@/messages/en';
import { useReason, useWorkspace } from '@/parts/workspace';
import { AuditFilters } from './filters';
import { AuditLog } from './log';

const DAY = 86_400_000;

/** What was done in the workspace. */
export function AuditPage() {
  const { id, name } = useWorkspace();
  const reason = useReason('audit.list');
  const { days, ...filter } = useSearch({ from: '/inside/w/$workspace/admin/audit' });
  // Taken once: a time that moves on would be another list with every drawing.
  const since = useMemo(() => (days ? new Date(Date.now() - days * DAY).toISOString() : undefined), [days]);
  const list = useInfiniteQuery({ ...auditQuery(id, { ...filter, since }), enabled: !reason });
  const flows = useQuery({ ...flowNamesQuery(id), enabled: !reason });
  const members = useQuery({ ...membersQuery(id), enabled: !reason });
  const connections = useQuery({ ...connectionsQuery(id), enabled: !reason });
  const apiKeys = useQuery({ ...apiKeysQuery(id), enabled: !reason });
  const things = useMemo(() => {
    const named = [...(flows.data ?? []), ...(connections.data ?? []), ...(apiKeys.data ?? [])].map(({ id, name }) => [id, name] as const);
    return { workspace: id, names: new Map([[id, name], ...named]) };
  }, [id, name, flows.data, connections.data, apiKeys.data]);
  return (
    <AuditLog
      subtitle={m.audit.subtitle}
      tabs={<SectionTabs group="admin" />}
      list={list}
      prove={() => workspaces.verifyAudit(id)}
      reason={reason}
      filters={<AuditFilters flows={flows.data ?? []} members={members.data ?? []} />}
      filtered={Object.values({ ...filter, since }).some(Boolean)}
      things={things}
    />
  );
}
