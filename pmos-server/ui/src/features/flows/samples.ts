import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Flow, Operation, Step, StepRun } from '@/api/contract';
import { runQuery, runsQuery } from '@/api/flows';
import type { DataSource } from '@/fields/types';
import { m } from '@/messages/en';
import { earlier } from './outline';

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

/** What expressions in a step may refer to, with an example of each: from the last run, else from the catalogue. */
export function dataFor(
  flow: Flow,
  id: string,
  last: Map<string, StepRun>,
  operationOf: (step: Step) => Operation | undefined,
): DataSource[] {
  const { steps, loops } = earlier(flow.draft, id);
  const sources: DataSource[] = steps.map((step) => ({
    name: step.name,
    path: step.kind === 'trigger' ? 'trigger' : PLAIN.test(step.id) ? `steps.${step.id}` : `steps[${JSON.stringify(step.id)}]`,
    sample: last.get(step.id)?.output ?? (step.operation === 'set' ? step.settings.values : operationOf(step)?.sample),
  }));
  for (const loop of loops) {
    const items = (last.get(loop.id)?.input as { items?: unknown } | undefined)?.items;
    sources.push({ name: m.editor.item(loop.name), path: 'item', sample: Array.isArray(items) ? items[0] : undefined });
    sources.push({ name: m.editor.index(loop.name), path: 'index', sample: 0 });
  }
  return sources.reverse();
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
