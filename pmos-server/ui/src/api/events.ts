import type { QueryClient } from '@tanstack/react-query';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { actAsHeader } from './act-as';
import type { Run, ServerEvent, StepRun } from './contract';
import { keys, type Noun } from './keys';

/** What a change makes stale. */
const STALE: Record<string, Noun[]> = {
  flow: ['flows', 'dashboard'],
  run: ['runs', 'dashboard', 'flows'],
  connection: ['connections'],
  member: ['members', 'invitations'],
  quota: ['quota', 'dashboard'],
};

/**
 * Follows the events of a workspace until `signal` ends it, and resumes behind the last one seen after a gap.
 * Read by `fetch` because the browser's own reader of event streams cannot send the act-as header.
 */
export async function followEvents(workspace: string, cache: QueryClient, signal: AbortSignal) {
  const path = `/api/v1/workspaces/${workspace}/events`;
  let last = '';
  let wait = 500;
  const soon = lazily();
  while (!signal.aborted) {
    try {
      const headers = new Headers({ accept: 'text/event-stream', 'x-pmos': '1' });
      if (last) headers.set('last-event-id', last);
      const acting = actAsHeader(path);
      if (acting) headers.set(...acting);
      const response = await fetch(path, { headers, signal });
      if (response.status === 401 || response.status === 404) {
        // Signed out or no longer a member: what one may still see has to be asked anew.
        void cache.invalidateQueries({ queryKey: keys.me });
        return;
      }
      if (!response.ok || !response.body) throw new Error(String(response.status));
      wait = 500;
      const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      const reader = events.getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        const { id, event, data } = next.value;
        if (id) last = id;
        if (event === 'reset') void cache.invalidateQueries({ queryKey: keys.all(workspace) });
        else if (data) receive(workspace, cache, JSON.parse(data) as ServerEvent, soon);
      }
    } catch {
      // The connection broke or the server restarts: try again below.
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, wait));
    wait = Math.min(wait * 2, 15_000);
  }
}

function receive(workspace: string, cache: QueryClient, event: ServerEvent, soon: Soon) {
  const { kind, id } = event.object;
  if (event.type === 'run.step') {
    const key = keys.of(workspace, 'run', id);
    const step = event.data?.step as StepRun | undefined;
    cache.setQueryData<Run>(key, (run) => run && step && patched(run, step));
    soon(key, () => cache.invalidateQueries({ queryKey: key }));
    return;
  }
  if (kind === 'run') soon(['run', id], () => cache.invalidateQueries({ queryKey: keys.of(workspace, 'run', id) }));
  if (kind === 'flow') void cache.invalidateQueries({ queryKey: keys.of(workspace, 'flow', id) });
  if (event.type === 'member.changed') void cache.invalidateQueries({ queryKey: keys.me });
  for (const noun of STALE[kind] ?? STALE[event.type.split('.')[0] ?? ''] ?? []) {
    soon([noun], () => cache.invalidateQueries({ queryKey: keys.noun(workspace, noun) }));
  }
}

/** The run with one more thing known about a step outside loops; what happens inside them comes with the next reading. */
function patched(run: Run, step: StepRun): Run {
  const at = run.steps.findIndex((known) => known.id === step.id);
  if (at < 0) return run;
  const steps = [...run.steps];
  steps[at] = { ...steps[at], ...step, iterations: steps[at]?.iterations };
  return { ...run, steps };
}

type Soon = (key: readonly unknown[], act: () => unknown) => void;

/** Calls at most once per key and half second, the last call not lost: a loop of 500 lines must not mean 500 readings. */
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
