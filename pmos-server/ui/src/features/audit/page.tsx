import { useInfiniteQuery } from '@tanstack/react-query';
import { auditQuery, workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { SectionTabs } from '@/parts/section-tabs';
import { useReason, useWorkspace } from '@/parts/workspace';
import { AuditLog } from './log';

/** What was done in the workspace. */
export function AuditPage() {
  const { id } = useWorkspace();
  const reason = useReason('audit.list');
  const list = useInfiniteQuery({ ...auditQuery(id), enabled: !reason });
  return <AuditLog subtitle={m.audit.subtitle} tabs={<SectionTabs group="admin" />} list={list} prove={() => workspaces.verifyAudit(id)} reason={reason} />;
}
