import type { DoneEdit, Flow, HistoryEntry, Operation, Step } from '@/api/contract';
import { m } from '@/messages/en';
import { isObject } from './objects';

/** The names of steps, also of those that are gone: the history still knows what was added. */
function namesOf(steps: Step[], entries: Pick<HistoryEntry, 'edits'>[]): (id: string) => string {
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

/** What people call the things that edits are about. */
export interface Words {
  /** The automation itself. */
  flow: string;
  /** A step. */
  step: (id: string) => string;
  /** A setting of a step. */
  field: (step: string, name: string) => string;
}

/** The words for a flow as it is now, and for steps of its history that are gone. */
export const wordsOf = (flow: Flow, { operationOf }: { operationOf: (step: Step) => Operation | undefined }, entries: HistoryEntry[]): Words => ({
  flow: m.history.flowName,
  step: namesOf(flow.draft.steps, entries),
  field: (id, name) => {
    const step = flow.draft.steps.find((each) => each.id === id);
    return (step && operationOf(step)?.fields.find((field) => field.name === name)?.title) ?? name;
  },
});

/** The words for edits of a flow of which no more is known than its steps; settings are called what they are called in it. */
export const plainWordsOf = (steps: Step[], edits: DoneEdit[]): Words => ({
  flow: m.history.flowName,
  step: namesOf(steps, [{ edits }]),
  field: (_, name) => name,
});

/** One thing that was changed of a step, and what it is now; nothing when it was taken away. */
export interface Leaf {
  step: string;
  /** As `settings`, `body`, `sent`. */
  path: string[];
  value: unknown;
}

/** What a change of a step sets, each on its own: objects are entered, as they were put together. */
export function leavesOf(edit: DoneEdit): Leaf[] {
  const enter = (path: string[], value: unknown): Leaf[] => {
    const inner = isObject(value) ? Object.entries(value) : [];
    if (inner.length === 0 || path.length > 3) return [{ step: 'id' in edit ? edit.id : '', path, value: value ?? undefined }];
    return inner.flatMap(([key, each]) => enter([...path, key], each));
  };
  return edit.op === 'update_step' ? Object.entries(edit.set).flatMap(([key, value]) => enter([key], value)) : [];
}

/** Where a leaf stands, as people read it: `Body › sent`. */
export function placeOf({ step, path: [part = '', ...rest] }: Leaf, words: Words): string {
  const [name, ...inside] = part === 'settings' ? rest : [];
  return name === undefined ? partOf(part) : [words.field(step, name), ...inside].join(' › ');
}

const LONGEST = 80;

/** A value in a sentence. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** A list of edits as people would tell it, with what was there before where the inverses say it; places on a canvas are told once. */
export function told(edits: DoneEdit[], words: Words, inverses: DoneEdit[] = []): string[] {
  const before = new Map(inverses.flatMap(leavesOf).map((leaf) => [keyOf(leaf), leaf.value]));
  const sentences = edits.filter(({ op }) => op !== 'set_position').flatMap((edit) => sentencesOf(edit, words, before));
  if (edits.some(({ op }) => op === 'set_position')) sentences.push(m.history.placed);
  return [...new Set(sentences)];
}

const keyOf = ({ step, path }: Leaf) => JSON.stringify([step, ...path]);

function sentencesOf(edit: DoneEdit, words: Words, before: Map<string, unknown>): string[] {
  if (edit.op !== 'update_step') return [sentence(edit, words.step)];
  const name = words.step(edit.id);
  return leavesOf(edit).map((leaf) => {
    if (leaf.path.length === 1 && leaf.path[0] === 'name' && typeof leaf.value === 'string') return m.history.stepRenamed(leaf.value, before.get(keyOf(leaf)));
    const place = placeOf(leaf, words);
    // A connection is known by an id, which says nothing.
    if (leaf.path[0] === 'connection') return m.history.changedPart(name, place);
    const old = before.get(keyOf(leaf));
    const was = old === undefined ? undefined : shown(old);
    return leaf.value === undefined ? m.history.emptied(name, place, was) : m.history.set(name, place, shown(leaf.value), was);
  });
}

function sentence(edit: Exclude<DoneEdit, { op: 'update_step' }>, nameOf: (id: string) => string): string {
  switch (edit.op) {
    case 'rename':
      return m.history.renamed(edit.name);
    case 'add_step':
      return m.history.added(edit.step.name ?? edit.step.operation);
    case 'replace_step':
      return m.history.replaced(nameOf(edit.id));
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

/** What people call a part of a step, as `@name`. */
export const partOf = (name: string) => m.history.parts[name.replace('@', '') as keyof typeof m.history.parts] ?? name;

/** Changes that are told as one, newest first. */
export type Together = [HistoryEntry, ...HistoryEntry[]];

const MINUTE = 60_000;

/** Whether a change goes on with the one before it: of the same step, by the same author, within a minute. */
function goesOn(later: HistoryEntry, earlier: HistoryEntry): boolean {
  const step = stepOf(later);
  return step !== null && step === stepOf(earlier) && later.author === earlier.author && Date.parse(later.at) - Date.parse(earlier.at) < MINUTE;
}

/** The step that a change sets parts of, and nothing else. */
function stepOf({ edits, note, conflict }: HistoryEntry): string | null {
  const [first] = edits;
  if (conflict || note || first?.op !== 'update_step') return null;
  return edits.every((edit) => edit.op === 'update_step' && edit.id === first.id) ? first.id : null;
}

/** Puts what was typed in one go together; `apart` stay on their own. Both lists newest first. */
export function together(entries: HistoryEntry[], apart: (entry: HistoryEntry) => boolean): Together[] {
  const groups: Together[] = [];
  for (const entry of entries) {
    const group = groups.at(-1);
    const later = group?.at(-1);
    if (group && later && !apart(later) && !apart(entry) && goesOn(later, entry)) group.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

/** What a group of changes did as a whole: the last value of each part, and the first that was there before. */
export function toldTogether(group: Together, words: Words): string[] {
  const latest = new Map<string, Leaf>();
  for (const leaf of group.flatMap(({ edits }) => edits.flatMap(leavesOf))) if (!latest.has(keyOf(leaf))) latest.set(keyOf(leaf), leaf);
  const edits = [...latest.values()].map(editOf);
  return told(edits, words, group.flatMap(({ inverses }) => inverses));
}

/** A change of one part of a step. */
function editOf({ step, path, value }: Leaf): DoneEdit {
  const set = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value ?? null);
  return { op: 'update_step', id: step, set: set as Extract<DoneEdit, { op: 'update_step' }>['set'] };
}

/** The change that one takes back, if it is one that does. */
export const takesBack = ({ note }: HistoryEntry): string | null => /^takes back (edit_\w+)$/.exec(note ?? '')?.[1] ?? null;

/** The version that a change brings back, if it is one that does. */
export const restores = ({ note }: HistoryEntry): number | null => Number(/^restores version (\d+)$/.exec(note ?? '')?.[1]) || null;
