import { type QueryClient, queryOptions } from '@tanstack/react-query';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { actAsHeader } from './act-as';
import type { ChatEvent, Iteration, Run, ServerEvent, StepRun } from './contract';
import { onScreen } from './conversation';
import { keys, type Noun } from './keys';
import { lost, reach } from './reach';

/** What a change makes stale, by the noun in the type of its event. */
const STALE: Record<string, Noun[]> = {
  flow: ['flows', 'dashboard'],
  run: ['runs', 'dashboard', 'flows'],
  connection: ['connections'],
  engine: ['engines', 'connections'],
  member: ['members', 'invitations'],
  quota: ['quota', 'dashboard'],
  approval: ['approvals', 'grants', 'dashboard'],
  model: ['models'],
};

/** What is open on the screen, of which the server also tells the progress. */
export interface Watched {
  run?: string;
  flow?: string;
  session?: string;
}

/** What was done to an automation at its engine, while the page is open. */
export interface ExternalEdit {
  at: string;
  /** It could not be put together with what was done here. */
  conflict: boolean;
}

/** The newest external edit that this page was told of; nothing before the first. */
export const externalEditQuery = (workspace: string, flow: string) =>
  queryOptions<ExternalEdit | null>({ queryKey: keys.of(workspace, 'external-edit', flow), queryFn: () => null, enabled: false, initialData: null });

/** The last event seen of each workspace, so that another stream goes on behind it. */
const seen = new Map<string, string>();
/** The workspaces that were followed before. */
const followed = new Set<string>();

/**
 * Follows the events of a workspace until `signal` ends it, and resumes behind the last one seen after a gap.
 * Read by `fetch` because the browser's own reader of event streams cannot send the act-as header.
 */
export async function followEvents(workspace: string, watched: Watched, cache: QueryClient, signal: AbortSignal) {
  const path = `/api/v1/workspaces/${workspace}/events`;
  const query = new URLSearchParams(Object.entries(watched).filter(([, id]) => id));
  const soon = lazily();
  let wait = 500;
  while (!signal.aborted) {
    try {
      const headers = new Headers({ accept: 'text/event-stream', 'x-pmos': '1' });
      const last = seen.get(workspace);
      if (last) headers.set('last-event-id', last);
      const acting = actAsHeader(path);
      if (acting) headers.set(...acting);
      const response = await fetch(`${path}?${query}`, { headers, signal });
      if (response.status === 401 || response.status === 404) {
        // Signed out or no longer a member: what one may still see has to be asked anew.
        void cache.invalidateQueries({ queryKey: keys.me, exact: true });
        return;
      }
      if (!response.ok || !response.body) throw new Error(String(response.status));
      wait = 500;
      // What happened before this stream began is not in it: a conversation knows what it missed, the rest is read anew
      // where the server was not told after which event to begin.
      void onScreen.get(watched.session)?.catchUp();
      if (!last && followed.has(workspace)) {
        for (const noun of new Set(Object.values(STALE).flat())) void cache.invalidateQueries({ queryKey: keys.noun(workspace, noun) });
      }
      followed.add(workspace);
      const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      const reader = events.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        const { id, event, data } = next.value;
        if (id) seen.set(workspace, id);
        if (event === 'reset') void cache.invalidateQueries({ queryKey: keys.all(workspace) });
        else if (event?.startsWith('chat.')) onScreen.get(watched.session)?.receive(JSON.parse(data) as ChatEvent);
        else if (data) receive(workspace, cache, JSON.parse(data) as ServerEvent, soon);
      }
    } catch {
      // The connection broke, or the server restarts: try again below.
      if (!signal.aborted) void lost();
    }
    if (!signal.aborted) await pause(wait);
    wait = Math.min(wait * 2, 15_000);
  }
}

/** Waits, but no longer than until the server is back. */
const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      forget();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const forget = reach.onBack(end);
  });

function receive(workspace: string, cache: QueryClient, event: ServerEvent, soon: Soon) {
  const { kind, id } = event.object;
  const noun = event.type.split('.')[0] ?? '';
  if (event.type === 'run.step') {
    const { within = [], step } = (event.data ?? {}) as { within?: [string, number][]; step?: StepRun };
    cache.setQueryData<Run>(keys.of(workspace, 'run', id), (run) => run && step && { ...run, steps: patched(run.steps, within, step) });
    return;
  }
  if (kind === 'approval') void cache.invalidateQueries({ queryKey: keys.of(workspace, 'approval', id) });
  if (kind === 'run') soon(['run', id], () => cache.invalidateQueries({ queryKey: keys.of(workspace, 'run', id) }));
  if (kind === 'flow') {
    void cache.invalidateQueries({ queryKey: keys.of(workspace, 'flow', id) });
    void cache.invalidateQueries({ queryKey: keys.of(workspace, 'history', id) });
    if (event.type === 'flow.published') void cache.invalidateQueries({ queryKey: keys.of(workspace, 'versions', id) });
    if (event.actor?.id === 'outside' && (event.type === 'flow.changed' || event.type === 'flow.conflict')) {
      cache.setQueryData<ExternalEdit>(keys.of(workspace, 'external-edit', id), { at: event.at, conflict: event.type === 'flow.conflict' });
    }
  }
  if (noun === 'member') void cache.invalidateQueries({ queryKey: keys.me, exact: true });
  for (const stale of STALE[noun] ?? []) {
    soon([stale], () => cache.invalidateQueries({ queryKey: keys.noun(workspace, stale) }));
  }
}

/** The steps with one more thing known about one of them, in the pass of a loop where `within` says so. */
function patched(steps: StepRun[], within: [string, number][], step: StepRun): StepRun[] {
  const [inside, ...deeper] = within;
  if (!inside) {
    const known = steps.find(({ id }) => id === step.id);
    if (!known) return [...steps, step];
    return steps.map((each) => (each.id === step.id ? { ...each, ...step, iterations: each.iterations ?? step.iterations } : each));
  }
  const [loop, index] = inside;
  return steps.map((each) => {
    if (each.id !== loop) return each;
    const passes = each.iterations ?? [];
    const pass: Iteration = passes.find((known) => known.index === index) ?? { index, status: 'running', steps: [] };
    const next = { ...pass, steps: patched(pass.steps, deeper, step) };
    return { ...each, iterations: [...passes.filter((known) => known.index !== index), next].sort((a, b) => a.index - b.index) };
  });
}

type Soon = (key: readonly unknown[], act: () => unknown) => void;

/** Calls at most once per key and half second, the last call not lost: many runs a second must not mean as many readings. */
function lazily(): Soon {
  const waiting = new Set<string>();
  return (key, act) => {
    const name = JSON.stringify(key);
    if (waiting.has(name)) return;
    waiting.add(name);
    setTimeout(() => {
      waiting.delete(name);
      act();
    }, 500);
  };
}
