import type { Flow, FlowEdit, NewStep, Step } from '@/api/contract';
import { flows } from '@/api/flows';
import { type Problem, problemOf } from '@/api/problem';
import { forget } from './forms';
import { compose, difference, merge } from './patch';

/** Typing rests this long before it is sent. */
const REST_MS = 400;
const RETRY_MS = 4_000;

export interface EditorState {
  /** What is shown: the last answer of the server with everything typed since folded onto it. */
  flow: Flow;
  saving: 'saved' | 'unsaved' | 'saving' | 'failed';
  /** Another person changed the same things; nothing more is sent until a person decides. */
  conflict: Problem | null;
}

/**
 * One open automation. Every change becomes an edit in a queue; edits are sent in order, one request at a time, each
 * against the revision the person saw. What the server refuses is taken back.
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
    this.state = { flow, saving: 'saved', conflict: null };
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
  adopt(flow: Flow) {
    if (flow === this.base) return;
    if (this.dirty) {
      this.newer = flow;
      return;
    }
    this.newer = null;
    this.base = flow;
    this.changed();
  }

  /** The step as it shall be. */
  setStep(next: Step) {
    const now = this.state.flow.draft.steps.find(({ id }) => id === next.id);
    if (!now) return;
    const { id, ...after } = next;
    const { id: _, ...before } = now;
    const set = difference({ ...before }, { ...after });
    if (set === null) this.push({ op: 'replace_step', id, step: after });
    else if (Object.keys(set).length > 0) this.push({ op: 'update_step', id, set });
    else return;
    this.later();
  }

  rename(name: string) {
    this.push({ op: 'rename', name });
    this.later();
  }

  /** A change of the structure: sent at once, shown when the server has answered. */
  change(edit: FlowEdit): Promise<Flow> {
    this.push(edit);
    return this.flush();
  }

  /** Sends what is waiting; resolves when all of it is stored. */
  flush(): Promise<Flow> {
    clearTimeout(this.timer);
    if (!this.dirty) return Promise.resolve(this.base);
    const done = new Promise<Flow>((resolve, reject) => this.waiting.push({ resolve, reject }));
    void this.pump();
    return done;
  }

  /** Gives up what was typed here. */
  async takeTheirs(current: Flow) {
    this.queue = [];
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
      this.base = answer;
      this.newer = null;
      this.inFlight = [];
      this.failed = false;
      this.changed();
      this.onSaved(answer);
    } catch (error) {
      this.refused(problemOf(error));
      return;
    }
    if (this.queue.length > 0) await this.pump();
    else this.settle();
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
      this.queue = [];
      this.base = this.newer ?? this.base;
      this.newer = null;
      this.onRefused(problem);
    }
    this.inFlight = [];
    this.changed();
    for (const { reject } of this.waiting.splice(0)) reject(problem);
  }

  private settle() {
    for (const { resolve } of this.waiting.splice(0)) resolve(this.base);
  }

  private changed() {
    const saving = this.failed && this.dirty ? 'failed' : this.inFlight.length > 0 ? 'saving' : this.queue.length > 0 ? 'unsaved' : 'saved';
    this.state = { flow: fold(this.base, [...this.inFlight, ...this.queue]), saving, conflict: this.conflict };
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
