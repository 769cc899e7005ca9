import { replaceEqualDeep } from '@tanstack/react-query';
import type { Flow, FlowEdit, Issue, NewStep, Step } from '@/api/contract';
import { editIdOf, flows } from '@/api/flows';
import { type Problem, problemOf } from '@/api/problem';
import type { Unread } from '@/fields/unread';
import { forget } from './forms';
import { compose, difference, merge } from './patch';
import { type Held, sort } from './refused';

/** Typing rests this long before it is sent. */
const REST_MS = 400;
const RETRY_MS = 4_000;

export interface EditorState {
  /** What is shown: the last answer of the server with everything typed since folded onto it, also what it refused. */
  flow: Flow;
  saving: 'saved' | 'unsaved' | 'saving' | 'failed' | 'waiting';
  /** The steps of the fields that hold what is not saved and will not be before it is changed, one for each field. */
  notSaved: string[];
  /** How many things keep the draft from being published, beside those that the engine found when it was tried. */
  open: number;
  /** Another person changed the same things; nothing more is sent until a person decides. */
  conflict: Problem | null;
}

/**
 * One open automation. Every change becomes an edit in a queue; edits are sent in order, one request at a time, each
 * against the revision the person saw. What was typed and the server refuses stays in its field, with the reason; a
 * change of the structure that it refuses is taken back.
 */
export class Editor {
  private base: Flow;
  private queue: FlowEdit[] = [];
  private inFlight: FlowEdit[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private conflict: Problem | null = null;
  /** What was read while something was waiting to be sent. */
  private newer: Flow | null = null;
  private failed = false;
  private held: Held[] = [];
  /** Why publishing was refused, as long as the draft is what it was then. */
  private unpublished: { revision: string; issues: Issue[] } | null = null;
  /** By step and path, the text of fields that cannot be read yet. */
  private readonly unread = new Map<string, Map<string, string>>();
  /** The revisions that this page made and can take back, and those it took back; the newest last. */
  private done: string[] = [];
  private undone: string[] = [];
  private state: EditorState;
  private readonly listeners = new Set<() => void>();
  private waiting: { resolve: (flow: Flow) => void; reject: (problem: Problem) => void }[] = [];

  constructor(
    private readonly workspace: string,
    flow: Flow,
    private readonly onSaved: (flow: Flow) => void,
    private readonly onRefused: (problem: Problem) => void,
  ) {
    this.base = flow;
    this.state = { flow, saving: 'saved', notSaved: [], open: flow.issues.length, conflict: null };
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = () => this.state;

  get dirty() {
    return this.queue.length + this.inFlight.length > 0;
  }

  /**
   * Takes over what was read anew. While something typed here still stands against the older text it waits: the server
   * puts the two together, or says that it cannot.
   */
  adopt(read: Flow) {
    // What did not change stays the same object, so that only what did is drawn anew.
    const flow = replaceEqualDeep(this.base, read);
    if (flow === this.base) return;
    if (this.dirty) {
      this.newer = flow;
      return;
    }
    this.newer = null;
    this.base = flow;
    this.changed();
  }

  /** The step as it shall be. What was refused of it before goes along, as it is now. */
  setStep(next: Step) {
    this.held = this.held.filter(({ edit }) => edit.id !== next.id);
    const now = fold(this.base, [...this.inFlight, ...this.queue]).draft.steps.find(({ id }) => id === next.id);
    if (!now) return;
    const { id, ...after } = next;
    const { id: _, ...before } = now;
    const set = difference({ ...before }, { ...after });
    if (set === null) this.push({ op: 'replace_step', id, step: after });
    else if (Object.keys(set).length > 0) this.push({ op: 'update_step', id, set });
    else return this.changed();
    this.later();
  }

  /** Where the fields of a step keep text that cannot be read yet. */
  unreadOf(step: string): Unread {
    const texts = this.unread.get(step) ?? new Map<string, string>();
    this.unread.set(step, texts);
    return {
      read: (path) => texts.get(path),
      keep: (path, text) => {
        if (texts.get(path) === (text ?? undefined)) return;
        if (text === null) texts.delete(path);
        else texts.set(path, text);
        this.changed();
      },
      renumber: (path, to) => {
        const prefix = `${path}.`;
        const moved = [...texts].map(([key, text]): [string | null, string] => {
          const [, at, inside] = (key.startsWith(prefix) && /^(\d+)(.*)$/.exec(key.slice(prefix.length))) || [];
          if (at === undefined) return [key, text];
          const place = to(Number(at));
          return [place === null ? null : `${prefix}${place}${inside ?? ''}`, text];
        });
        texts.clear();
        for (const [key, text] of moved) if (key !== null) texts.set(key, text);
        this.changed();
      },
    };
  }

  /** A change of the structure: sent at once, shown when the server has answered. */
  change(edit: FlowEdit): Promise<Flow> {
    if (edit.op === 'replace_step') this.unread.get(edit.id)?.clear();
    this.push(edit);
    return this.flush();
  }

  /** Keeps what publishing was refused for, to be shown where it belongs. */
  notPublished(issues: Issue[]) {
    this.unpublished = { revision: this.base.revision, issues };
    this.changed();
  }

  get canUndo() {
    return this.done.length > 0;
  }

  get canRedo() {
    return this.undone.length > 0;
  }

  /** Takes back a change that this page made, the newest unless another is named; what was done since stays. */
  undo = (revision?: string) => this.takeBack('done', 'undone', revision);

  /** Takes back the newest taking back. */
  redo = () => this.takeBack('undone', 'done');

  private async takeBack(from: 'done' | 'undone', to: 'done' | 'undone', named?: string): Promise<Flow> {
    await this.flush();
    const revision = named ?? this[from].at(-1);
    if (!revision) return this.base;
    this[from] = this[from].filter((each) => each !== revision);
    try {
      const edit = await editIdOf(this.workspace, this.base.id, revision);
      this.accept(await flows.undo(this.workspace, this.base.id, edit));
    } catch (error) {
      this.onRefused(problemOf(error));
      throw error;
    }
    this[to].push(this.base.revision);
    return this.base;
  }

  /** Sends what is waiting; resolves when all of it is stored. */
  flush(): Promise<Flow> {
    clearTimeout(this.timer);
    if (!this.dirty) return Promise.resolve(this.base);
    // Nothing is sent before a person has decided, and none of it counts as stored.
    if (this.conflict) return Promise.reject(this.conflict);
    const done = new Promise<Flow>((resolve, reject) => this.waiting.push({ resolve, reject }));
    void this.pump();
    return done;
  }

  /** Gives up what was typed here. */
  async takeTheirs(current: Flow) {
    this.queue = [];
    this.held = [];
    this.conflict = null;
    this.base = current;
    this.changed();
    this.settle();
  }

  /** Puts what was typed here over what the others wrote. */
  async keepMine(current: Flow) {
    this.base = current;
    this.conflict = null;
    this.changed();
    await this.pump();
  }

  private push(edit: FlowEdit) {
    const last = this.queue.at(-1);
    const both = edit.op === 'update_step' && last?.op === 'update_step' && last.id === edit.id ? compose(last.set, edit.set) : null;
    if (both && last?.op === 'update_step') {
      this.queue[this.queue.length - 1] = { ...last, set: both };
    } else if (edit.op === 'rename' && last?.op === 'rename') {
      this.queue[this.queue.length - 1] = edit;
    } else {
      this.queue.push(edit);
    }
    this.changed();
  }

  private later(wait = REST_MS) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.pump(), wait);
  }

  private async pump() {
    if (this.inFlight.length > 0 || this.queue.length === 0 || this.conflict) return;
    this.inFlight = this.queue;
    this.queue = [];
    this.changed();
    try {
      const answer = await flows.edit(this.workspace, this.base.id, this.base.revision, this.inFlight);
      this.inFlight = [];
      this.failed = false;
      this.done.push(answer.revision);
      this.undone = [];
      this.accept(answer);
    } catch (error) {
      this.refused(problemOf(error));
      return;
    }
    if (this.queue.length > 0) await this.pump();
    else this.settle();
  }

  private accept(answer: Flow) {
    this.base = replaceEqualDeep(this.base, answer);
    this.newer = null;
    this.changed();
    this.onSaved(this.base);
  }

  private refused(problem: Problem) {
    if (problem.status === 0 || problem.status >= 500 || problem.status === 429 || problem.status === 401) {
      // Nothing is known to be wrong with the edits: they stay, and are tried again.
      this.queue = [...this.inFlight, ...this.queue];
      this.inFlight = [];
      this.failed = true;
      this.changed();
      this.later(Math.max(RETRY_MS, (problem.retryAfter ?? 0) * 1000));
      return;
    }
    if (problem.code === 'conflict') {
      this.queue = [...this.inFlight, ...this.queue];
      this.conflict = problem;
    } else {
      this.failed = false;
      const { held, dropped, rest } = sort(this.inFlight, problem);
      this.held.push(...held);
      this.queue = [...rest, ...this.queue];
      this.base = this.newer ?? this.base;
      this.newer = null;
      if (dropped.length > 0) this.onRefused(problem);
    }
    this.inFlight = [];
    this.changed();
    for (const { reject } of this.waiting.splice(0)) reject(problem);
    // Nothing happens here while a conflict waits for a decision.
    void this.pump();
  }

  private settle() {
    for (const { resolve } of this.waiting.splice(0)) resolve(this.base);
  }

  private changed() {
    const saving = this.conflict ? 'waiting' : this.failed && this.dirty ? 'failed' : this.inFlight.length > 0 ? 'saving' : this.queue.length > 0 ? 'unsaved' : 'saved';
    const shown = fold(this.base, [...this.inFlight, ...this.queue, ...this.held.map(({ edit }) => edit)]);
    const there = new Set(shown.draft.steps.map(({ id }) => id));
    this.held = this.held.filter(({ edit }) => there.has(edit.id));
    const refused = this.held.flatMap(({ issues }) => issues);
    const unread = [...this.unread].flatMap(([step, texts]) => (there.has(step) ? [...texts.keys()].map(() => step) : []));
    const issues = [...refused, ...shown.issues];
    const told = this.unpublished?.revision === this.base.revision && !this.dirty ? this.unpublished.issues : [];
    const news = told.filter(({ step, field }) => !issues.some((each) => each.step === step && each.field === field));
    this.state = {
      flow: refused.length + news.length === 0 ? shown : { ...shown, issues: [...issues, ...news] },
      open: issues.length,
      saving,
      notSaved: [...unread, ...this.held.flatMap(({ edit, issues }) => issues.map(() => edit.id))],
      conflict: this.conflict,
    };
    for (const listener of this.listeners) listener();
  }
}

/** The flow with those edits applied whose consequences are plain. Structure is left to the server, which answers at once. */
export function fold(flow: Flow, edits: FlowEdit[]): Flow {
  if (edits.length === 0) return flow;
  let { name, forms } = flow;
  let steps = flow.draft.steps;
  for (const edit of edits) {
    if (edit.op === 'rename') name = edit.name;
    if (edit.op === 'update_step') steps = steps.map((step) => (step.id === edit.id ? (merge(step, edit.set) as Step) : step));
    if (edit.op === 'replace_step') {
      if (steps.some(({ id, piece }) => id === edit.id && piece !== edit.step.piece)) forms = forget(forms, edit.id);
      steps = steps.map((step) => (step.id === edit.id ? asStep(step, edit.step) : step));
    }
  }
  return { ...flow, name, forms, draft: { ...flow.draft, steps } };
}

const asStep = (old: Step, { name, kind = old.kind, settings = {}, retry, ...rest }: NewStep): Step => ({
  ...rest,
  retry: retry && { backoff_s: 0, ...retry },
  id: old.id,
  name: name ?? old.name,
  kind,
  settings,
});
