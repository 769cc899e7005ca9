import { Text } from '@mantine/core';
import type { AuditRecord } from '@/api/contract';
import { m } from '@/messages/en';
import { TextLink } from '@/parts/link';

/** What is known of the things that records are about. */
export interface Things {
  /** Where they are; none for the records of the server as a whole. */
  workspace?: string;
  /** By id, what they are called. */
  names: Map<string, string>;
}

export const NOTHING: Things = { names: new Map() };

/** A record as one says it: who did what to what. */
export function Sentence({ record: { actor, action, outcome, subject }, things }: { record: AuditRecord; things: Things }) {
  const [did, to, about] = m.audit.acts[action] ?? m.audit.otherAct(action);
  const how = m.audit.how[outcome];
  const itself = subject?.id === actor.id;
  // Services are known by what stands in their address.
  const known = subject && (subject.name ?? things.names.get(subject.id) ?? (subject.kind === 'engine' ? subject.id : undefined));
  const name = itself ? about : (known ?? about);
  return (
    <Text span title={action}>
      <Text span fw={550}>
        {who(actor, things)}
      </Text>{' '}
      {how ? `${how} ${to}` : did} <Thing subject={subject ?? null} name={name} things={things} />
    </Text>
  );
}

function who({ kind, name, id }: AuditRecord['actor'], { names }: Things): string {
  const known = name ?? names.get(id);
  if (known) return known;
  if (kind === 'system') return m.audit.program;
  return kind === 'person' ? m.audit.person : `${m.audit.actors[kind as keyof typeof m.audit.actors] ?? kind} ${id.slice(-6)}`;
}

/** What the record is about, leading there while it is there. */
function Thing({ subject, name, things: { workspace, names } }: { subject: AuditRecord['subject'] | null; name: string; things: Things }) {
  if (workspace && subject?.kind === 'run') {
    return (
      <TextLink to="/w/$workspace/runs/$run" params={{ workspace, run: subject.id }}>
        {name}
      </TextLink>
    );
  }
  if (workspace && subject?.kind === 'flow' && names.has(subject.id)) {
    return (
      <TextLink to="/w/$workspace/automations/$flow" params={{ workspace, flow: subject.id }}>
        {name}
      </TextLink>
    );
  }
  return (
    <Text span title={subject?.id}>
      {name}
    </Text>
  );
}
