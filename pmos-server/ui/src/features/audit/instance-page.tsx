import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { meQuery } from '@/api/identity';
import { instanceAuditQuery, workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { SectionTabs } from '@/parts/section-tabs';
import { AuditLog } from './log';

/** What was done to the server as a whole, for who runs it. */
export function InstanceAuditPage() {
  const { data: me } = useSuspenseQuery(meQuery);
  const list = useInfiniteQuery({ ...instanceAuditQuery, enabled: me.user.super_admin });
  return (
    <AuditLog
      subtitle={m.audit.instanceSubtitle}
      tabs={<SectionTabs group="instance" />}
      list={list}
      prove={workspaces.verifyInstanceAudit}
      reason={me.user.super_admin ? null : m.why.superAdmin}
    />
  );
}
