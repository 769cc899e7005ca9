import type { Graph, Operation, Step } from '@/api/contract';
import { m } from '@/messages/en';

/** A place where a step can be put. */
export interface Slot {
  after: string;
  /** The way out of `after`; none when only the server knows it. */
  port: string | null;
}

export type Row =
  /** A step; without a number and with a word for it where it serves the step above. */
  | { type: 'step'; step: Step; depth: number; number: number | null; slot: Slot | null; lanes: number; as?: string }
  | { type: 'lane'; of: string; port: string; label: string; depth: number }
  | { type: 'slot'; slot: Slot; depth: number; end: boolean }
  /** The work goes on at a step that stands elsewhere, or a step that stands elsewhere serves this one, too. */
  | { type: 'jump'; to: string; depth: number; back: boolean; as?: string }
  | { type: 'group'; title: string; help: string };

/** A place that is known by its way out, as all are where steps are not connected freely. */
export type NamedSlot = Slot & { port: string };

/** The operation of a step, if the catalogue knows it. */
export type OperationOf = (step: Step) => Operation | undefined;

/** The ways out of a step: bodies first, what comes after last. */
export function portsOf(step: Step, operation: Operation | undefined, graph: Graph): string[] {
  if (!operation) return [...new Set(graph.edges.filter(({ from }) => from === step.id).map(({ port }) => port))].sort(nextLast);
  const listed = operation.ports_from ? step.settings[operation.ports_from] : undefined;
  const branches = Array.isArray(listed) ? listed.map((_, index) => `branch:${index}`) : [];
  return [...branches, ...operation.outputs.filter((port) => !branches.includes(port))].sort(nextLast);
}

const nextLast = (a: string, b: string) => Number(a === 'next') - Number(b === 'next');

/** What people call a way out. */
export function portLabel(step: Step, operation: Operation | undefined, port: string): string {
  if (port === 'loop') return m.editor.lane.loop;
  if (port === 'otherwise') return m.editor.lane.otherwise;
  const index = /^branch:(\d+)$/.exec(port)?.[1];
  if (index !== undefined) {
    const listed = operation?.ports_from ? step.settings[operation.ports_from] : undefined;
    const entry: unknown = Array.isArray(listed) ? listed[Number(index)] : undefined;
    const name = (entry as { name?: unknown } | undefined)?.name;
    return typeof name === 'string' && name ? name : m.editor.lane.branch(Number(index) + 1);
  }
  return port;
}

/** The flow as an ordered, indented list: steps, the headings of their bodies, and the places between them. */
export function outline(graph: Graph, operationOf: OperationOf): Row[] {
  const rows: Row[] = [];
  const byId = new Map(graph.steps.map((step) => [step.id, step]));
  const following = new Map(graph.edges.map(({ from, port, to }) => [`${from} ${port}`, to]));
  const seen = new Set<string>();
  let number = 0;

  const walk = (first: Step, depth: number, from: Slot | null) => {
    let step: Step | undefined = first;
    let slot = from;
    while (step && !seen.has(step.id)) {
      seen.add(step.id);
      number += 1;
      const operation = operationOf(step);
      const ports = portsOf(step, operation, graph);
      const lanes = ports.filter((port) => port !== 'next');
      rows.push({ type: 'step', step, depth, number, slot, lanes: lanes.length });
      for (const port of lanes) {
        rows.push({ type: 'lane', of: step.id, port, label: portLabel(step, operation, port), depth: depth + 1 });
        enter({ after: step.id, port }, depth + 1);
      }
      if (!ports.includes('next')) return;
      slot = { after: step.id, port: 'next' };
      step = byId.get(following.get(`${slot.after} next`) ?? '');
      rows.push({ type: 'slot', slot, depth, end: step === undefined });
    }
  };
  const enter = (slot: Slot, depth: number) => {
    const step = byId.get(following.get(`${slot.after} ${slot.port}`) ?? '');
    rows.push({ type: 'slot', slot, depth, end: step === undefined });
    if (step) walk(step, depth, slot);
  };

  const triggers = graph.steps.filter(({ kind }) => kind === 'trigger');
  for (const trigger of triggers) walk(trigger, 0, null);
  for (const step of graph.steps) if (!seen.has(step.id)) walk(step, 0, null);
  return rows;
}

export const isNamed = (slot: Slot | null): slot is NamedSlot => slot !== null && slot.port !== null;

/** Where a step goes when it changes places with the one before it in its lane, or the one after it. */
export function neighbours(rows: Row[], graph: Graph, id: string): { up: NamedSlot | null; down: NamedSlot | null } {
  const slotOf = (step: string) => rows.find((row) => row.type === 'step' && row.step.id === step);
  const own = slotOf(id);
  if (own?.type !== 'step' || !own.slot) return { up: null, down: null };
  const before = own.slot.port === 'next' ? slotOf(own.slot.after) : undefined;
  const next = graph.edges.find(({ from, port }) => from === id && port === 'next')?.to;
  return {
    up: before?.type === 'step' && isNamed(before.slot) ? before.slot : null,
    down: next === undefined ? null : { after: next, port: 'next' },
  };
}

/** The steps inside the bodies of a step, itself included. */
export function subtree(graph: Graph, id: string): Set<string> {
  const inside = new Set([id]);
  const open = graph.edges.filter(({ from, port }) => from === id && port !== 'next').map(({ to }) => to);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (inside.has(next)) continue;
    inside.add(next);
    for (const edge of graph.edges) if (edge.from === next) open.push(edge.to);
  }
  return inside;
}
