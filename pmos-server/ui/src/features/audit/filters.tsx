import { Select } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { AUDIT_OUTCOMES, type Member } from '@/api/contract';
import { m } from '@/messages/en';
import classes from './audit.module.css';

interface Props {
  flows: { id: string; name: string }[];
  members: Member[];
}

/** What narrows the audit log; kept in the address. */
export function AuditFilters({ flows, members }: Props) {
  const filter = useSearch({ from: '/inside/w/$workspace/admin/audit' });
  const navigate = useNavigate({ from: '/w/$workspace/admin/audit' });
  const put = (change: Partial<typeof filter>) => navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const select = (label: string, none: string, data: { value: string; label: string }[], value: string | undefined, set: (value: string | undefined) => unknown) => (
    <Select
      aria-label={label}
      placeholder={none}
      data={data}
      value={value ?? null}
      onChange={(value) => set(value ?? undefined)}
      searchable={data.length > 8}
      clearable
      clearButtonProps={{ 'aria-label': none }}
    />
  );
  return (
    <div className={classes.filters}>
      {select(m.audit.who, m.audit.anybody, members.map(({ user, name }) => ({ value: user, label: name })), filter.actor, (actor) => put({ actor }))}
      {select(m.audit.thing, m.audit.anything, flows.map(({ id, name }) => ({ value: id, label: name })), filter.object, (object) => put({ object }))}
      {select(
        m.audit.outcome,
        m.audit.anyOutcome,
        AUDIT_OUTCOMES.map((outcome) => ({ value: outcome, label: m.audit.outcomes[outcome] })),
        filter.outcome,
        (outcome) => put({ outcome: AUDIT_OUTCOMES.find((each) => each === outcome) }),
      )}
      {select(
        m.audit.when,
        m.audit.anyTime,
        Object.entries(m.audit.times).map(([value, label]) => ({ value, label })),
        filter.days?.toString(),
        (days) => put({ days: days ? Number(days) : undefined }),
      )}
    </div>
  );
}
