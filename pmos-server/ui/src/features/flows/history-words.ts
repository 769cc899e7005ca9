import type { DoneEdit, HistoryEntry, Step } from '@/api/contract';
import { m } from '@/messages/en';

/** The names of steps, also of those that are gone: the history still knows what was added. */
export function namesOf(steps: Step[], entries: HistoryEntry[]): (id: string) => string {
  const names = new Map<string, string>();
  // Newest first, so that an older name does not cover a newer one.
  for (const { edits } of entries) {
    for (const edit of edits) {
      if (edit.op === 'add_step' && edit.step.id && edit.step.name && !names.has(edit.step.id)) names.set(edit.step.id, edit.step.name);
    }
  }
  for (const { id, name } of steps) names.set(id, name);
  return (id) => names.get(id) ?? m.history.goneStep;
}

/** A list of edits as people would tell it; places on a canvas are told once. */
export function told(edits: DoneEdit[], nameOf: (id: string) => string): string[] {
  const sentences = edits.filter(({ op }) => op !== 'set_position').map((edit) => sentence(edit, nameOf));
  if (edits.some(({ op }) => op === 'set_position')) sentences.push(m.history.placed);
  return [...new Set(sentences)];
}

function sentence(edit: DoneEdit, nameOf: (id: string) => string): string {
  switch (edit.op) {
    case 'rename':
      return m.history.renamed(edit.name);
    case 'add_step':
      return m.history.added(edit.step.name ?? edit.step.operation);
    case 'replace_step':
      return m.history.replaced(nameOf(edit.id));
    case 'update_step':
      return updated(edit.set, nameOf(edit.id));
    case 'remove_step':
      return m.history.removed(nameOf(edit.id));
    case 'move_step':
      return m.history.moved(nameOf(edit.id), nameOf(edit.after));
    case 'duplicate_step':
      return m.history.duplicated(nameOf(edit.id));
    case 'connect':
      return m.history.connected(nameOf(edit.from), nameOf(edit.to));
    case 'disconnect':
      return m.history.disconnected(nameOf(edit.from), nameOf(edit.to));
    case 'set_position':
      return m.history.placed;
    case 'add_note':
      return m.history.noteAdded;
    case 'update_note':
      return m.history.noteChanged;
    case 'remove_note':
      return m.history.noteRemoved;
  }
}

/** What was changed of a step: its settings by name, the rest by what people call it. */
function updated(set: Record<string, unknown>, step: string): string {
  if (typeof set.name === 'string' && Object.keys(set).length === 1) return m.history.stepRenamed(set.name);
  const parts = Object.entries(set).flatMap(([key, value]) => {
    if (key === 'settings' && typeof value === 'object' && value !== null) return Object.keys(value);
    return [m.history.parts[key as keyof typeof m.history.parts] ?? key];
  });
  return m.history.updated(step, parts.slice(0, 4).join(', '), Math.max(0, parts.length - 4));
}

/** The change that one takes back, if it is one that does. */
export const takesBack = ({ note }: HistoryEntry): string | null => /^takes back (edit_\w+)$/.exec(note ?? '')?.[1] ?? null;
