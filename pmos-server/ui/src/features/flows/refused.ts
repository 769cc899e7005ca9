import type { FlowEdit, Issue } from '@/api/contract';
import type { Problem } from '@/api/problem';

/** A change of what stands in a step, as people type it. */
export type Typed = Extract<FlowEdit, { op: 'update_step' | 'replace_step' }>;

/** A change that the server did not take, and why. It is shown and not sent again until it is changed. */
export interface Held {
  edit: Typed;
  issues: Issue[];
}

const isTyped = (edit: FlowEdit): edit is Typed => edit.op === 'update_step' || edit.op === 'replace_step';

/**
 * What becomes of edits that were refused as a whole: those at fault are held when a person typed them and dropped
 * otherwise, the rest can be sent.
 */
export function sort(edits: FlowEdit[], problem: Problem): { held: Held[]; dropped: FlowEdit[]; rest: FlowEdit[] } {
  const faults = Object.entries(problem.fields).flatMap(([field, message]) => {
    const [, at, inside] = /^edits\[(\d+)\]\.(.+)$/.exec(field) ?? [];
    return at && inside && Number(at) < edits.length ? [{ at: Number(at), inside, message }] : [];
  });
  const held: Held[] = [];
  const dropped: FlowEdit[] = [];
  const rest: FlowEdit[] = [];
  edits.forEach((edit, at) => {
    const own = faults.filter((fault) => fault.at === at);
    if (faults.length > 0 && own.length === 0) rest.push(edit);
    else if (!isTyped(edit)) dropped.push(edit);
    else held.push({ edit, issues: own.length > 0 ? own.map(({ inside, message }) => issue(edit, message, inside)) : [issue(edit, problem.message)] });
  });
  return { held, dropped, rest };
}

const issue = ({ id }: Typed, message: string, inside?: string): Issue => ({ step: id, code: 'refused', message, field: inside && fieldOf(inside) });

/** `body.sent` of `set.settings.body.sent`; what belongs to the step itself and not to its settings begins with `@`. */
function fieldOf(inside: string): string {
  const path = inside.replace(/^(set|step)\./, '');
  return path.startsWith('settings.') ? path.slice('settings.'.length) : `@${path}`;
}

/**
 * What keeps a flow from being published, as a refusal says it: in full, or by naming `send.connection`, or
 * `steps.send.settings.path`, or only a step. Nothing when it is about something else.
 */
export function issuesOf({ body, fields, code }: Problem): Issue[] {
  if (Array.isArray(body.issues)) return body.issues as Issue[];
  return Object.entries(fields).map(([place, message]) => {
    const [, step, rest] = /^(?:steps\.)?([\w-]+)(?:\.(?:settings\.)?(.+))?$/.exec(place) ?? [];
    return { step: step === 'draft' ? undefined : step, field: rest, code, message };
  });
}
