import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Datum, Flow, Operation, Step, StepRun } from '@/api/contract';
import { runQuery, runsQuery } from '@/api/flows';
import type { DataSource } from '@/fields/types';
import { m } from '@/messages/en';
import { isObject } from '@/parts/objects';

/** What the steps of a flow gave when it ran last, by step; empty before the first run. */
export function useLastOutputs(workspace: string, flow: string): Map<string, StepRun> {
  const runs = useInfiniteQuery(runsQuery(workspace, { flow }));
  const last = runs.data?.[0]?.id;
  const run = useQuery({ ...runQuery(workspace, last ?? ''), enabled: last !== undefined, staleTime: 60_000 });
  return useMemo(() => {
    const found = new Map<string, StepRun>();
    const collect = (steps: StepRun[]) => {
      for (const step of steps) {
        if (!found.has(step.id)) found.set(step.id, step);
        for (const pass of step.iterations ?? []) collect(pass.steps);
      }
    };
    collect(run.data?.steps ?? []);
    return found;
  }, [run.data]);
}

/** What stands for the body of a call that has not come yet: what a person pasted, else what the catalogue makes up. */
export function sampleBody(trigger: Step | undefined, operation: Operation | undefined): unknown {
  return trigger?.settings.sample ?? (operation?.sample as { body?: unknown } | undefined)?.body;
}

const objectOf = (value: unknown) => (isObject(value) ? value : {});

interface Seen {
  sample: unknown;
  /** Made up, and not from a run or from a person. */
  example: boolean;
}

/** What a step gave, or would give. */
export function outputOf(step: Step, ran: StepRun | undefined, operation: Operation | undefined): Seen {
  const pasted = step.kind === 'trigger' ? step.settings.sample : undefined;
  const real = ran?.output ?? undefined;
  const made = step.operation === 'set' ? step.settings.values : operation?.sample;
  if (pasted === undefined) return { sample: real ?? made, example: real === undefined && made !== undefined };
  // What came in a call counts more than what was pasted, and what only stands in one of them can be picked, too.
  const came = objectOf(real);
  const body = 'body' in came && !isObject(came.body) ? came.body : isObject(pasted) ? { ...pasted, ...objectOf(came.body) } : (came.body ?? pasted);
  return { sample: { ...objectOf(made), ...came, body }, example: false };
}

/** What expressions in a step may refer to, nearest first, with what each held: in the last run, as pasted, or as made up. */
export function dataFor(
  flow: Flow,
  scope: Datum[],
  last: Map<string, StepRun>,
  operationOf: (step: Step) => Operation | undefined,
): DataSource[] {
  const byId = new Map(flow.draft.steps.map((step) => [step.id, step]));
  const sources: DataSource[] = [];
  for (const { path, step: id, kind } of scope) {
    const step = byId.get(id);
    if (!step) continue;
    if (kind === 'output') {
      sources.push({ name: step.name, path, ...outputOf(step, last.get(id), operationOf(step)) });
    } else if (kind === 'item') {
      sources.push({ name: m.editor.item(step.name), path, ...itemOf(step, last.get(id), sources) });
    } else {
      sources.push({ name: m.editor.index(step.name), path, sample: 0, example: false });
    }
  }
  return sources.reverse();
}

/** The first entry of what a loop goes through: of its last run, else of the data that it names. */
function itemOf(loop: Step, ran: StepRun | undefined, sources: DataSource[]): Seen {
  const items = (ran?.input as { items?: unknown } | undefined)?.items;
  if (Array.isArray(items)) return { sample: items[0], example: false };
  const [, path] = /^\{\{\s*([\w.]+)\s*\}\}$/.exec(String(loop.settings.items ?? '')) ?? [];
  const source = path && sources.find((each) => path === each.path || path.startsWith(`${each.path}.`));
  if (!source) return { sample: undefined, example: false };
  const within = path.slice(source.path.length + 1).split('.').filter(Boolean);
  const named = within.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], source.sample);
  return { sample: Array.isArray(named) ? named[0] : undefined, example: source.example };
}
