import type { Edge, Graph, Step } from '@/api/contract';
import { m } from '@/messages/en';
import { type OperationOf, portLabel, type Row, type Slot } from './outline';
import { byPort, carriesWork, portWord, servingWord } from './ports';

interface Way {
  port: string | null;
  targets: string[];
}

/**
 * A graph in which any step may lead to any other, as the same ordered list. Each step stands once, after everything that
 * leads to it where that is possible: ways that meet again go on below what they meet in, and a way back is told as one.
 * Steps that serve another stand indented under it. What nothing starts comes last, in a group of its own.
 */
export function freeOutline(graph: Graph, operationOf: OperationOf): Row[] {
  const reading = new Reading(graph, operationOf);
  return reading.rows();
}

class Reading {
  private readonly steps: Step[];
  private readonly byId: Map<string, Step>;
  private readonly leaving = new Map<string, Edge[]>();
  private readonly entering = new Map<string, Edge[]>();
  private readonly servants = new Map<string, Edge[]>();
  private readonly serves = new Set<string>();
  private readonly back = new Set<Edge>();
  private readonly placed = new Set<string>();
  private readonly list: Row[] = [];
  /** Steps that wait to stand below the ways that lead to them, innermost fork last. */
  private readonly waiting: Set<string>[] = [];
  private number = 0;

  constructor(
    graph: Graph,
    private readonly operationOf: OperationOf,
  ) {
    this.steps = [...graph.steps].sort(byPlace);
    this.byId = new Map(graph.steps.map((step) => [step.id, step]));
    for (const edge of [...graph.edges].sort((a, b) => byPort(a.port, b.port) || this.place(a.to) - this.place(b.to))) {
      if (!this.byId.has(edge.from) || !this.byId.has(edge.to)) continue;
      if (!carriesWork(edge.port)) {
        add(this.servants, edge.to, edge);
        this.serves.add(edge.from);
      } else {
        add(this.leaving, edge.from, edge);
        add(this.entering, edge.to, edge);
      }
    }
    // A step that also takes part in the work stands where the work comes to it.
    for (const id of [...this.serves]) if (this.leaving.has(id) || this.entering.has(id)) this.serves.delete(id);
    this.findWaysBack();
  }

  rows(): Row[] {
    this.level(0, () => {
      for (const step of this.steps) if (step.kind === 'trigger') this.walk(step, 0, null);
    });
    const rest = this.steps.filter(({ id }) => !this.placed.has(id) && !this.serves.has(id));
    if (rest.length > 0) {
      this.list.push({ type: 'group', title: m.editor.unconnected, help: m.editor.unconnectedHelp });
      this.level(0, () => {
        for (const step of rest) if (!this.entering.has(step.id)) this.walk(step, 0, null);
      });
      // What is left goes round in circles; it is begun anywhere.
      this.level(0, () => {
        for (const step of rest) this.walk(step, 0, null);
      });
    }
    for (const step of this.steps) if (!this.placed.has(step.id)) this.put(step, 0, null, 0);
    return this.list;
  }

  /** Several ways one below the other, and below them, as far in as they began, what they meet in. */
  private level(depth: number, ways: () => void) {
    const met = new Set<string>();
    this.waiting.push(met);
    ways();
    for (let next = this.firstReady(met); next; next = this.firstReady(met)) {
      met.delete(next.id);
      this.walk(next, depth, null);
    }
    this.waiting.pop();
    // What still waits for a way from further out stands there.
    for (const id of met) if (!this.placed.has(id)) this.waiting.at(-1)?.add(id);
  }

  private firstReady(met: Set<string>): Step | undefined {
    return this.steps.find(({ id }) => met.has(id) && !this.placed.has(id) && this.isReady(id));
  }

  /** A chain of steps from here on. */
  private walk(first: Step, depth: number, from: Slot | null) {
    let step: Step | undefined = first;
    let slot = from;
    while (step && !this.placed.has(step.id)) {
      const ways = this.waysOf(step);
      const [only, ...others] = ways;
      if (others.length > 0 || (only && only.targets.length > 1)) {
        this.put(step, depth, slot, ways.length);
        this.fork(step, ways, depth);
        return;
      }
      this.put(step, depth, slot, 0);
      if (!only) return;
      slot = { after: step.id, port: only.port };
      const next: string | undefined = only.targets[0];
      this.list.push({ type: 'slot', slot, depth, end: next === undefined });
      step = next === undefined ? undefined : this.enter(next, depth);
    }
  }

  /** Several ways out of one step, each with its heading. */
  private fork(step: Step, ways: Way[], depth: number) {
    this.level(depth, () => {
      for (const { port, targets } of ways) {
        const slot = { after: step.id, port };
        const label = port === null ? m.editor.lane.next : ways.length === 1 ? m.editor.lane.together : this.label(step, port);
        this.list.push({ type: 'lane', of: step.id, port: port ?? '', label, depth: depth + 1 });
        this.list.push({ type: 'slot', slot, depth: depth + 1, end: targets.length === 0 });
        targets.forEach((target, at) => {
          if (at > 0) this.list.push({ type: 'lane', of: step.id, port: `${port} ${at}`, label: m.editor.lane.also, depth: depth + 1 });
          const next = this.enter(target, depth + 1);
          if (next) this.walk(next, depth + 1, slot);
        });
      }
    });
  }

  /** The step itself when it can stand here, else only a word that the work goes on there. */
  private enter(id: string, depth: number): Step | undefined {
    const awaited = this.waiting.some((met) => met.has(id));
    if (!this.placed.has(id) && !awaited && this.isReady(id)) return this.byId.get(id);
    this.list.push({ type: 'jump', to: id, depth, back: this.placed.has(id) });
    if (!this.placed.has(id) && !awaited) this.waiting.at(-1)?.add(id);
    return undefined;
  }

  private put(step: Step, depth: number, slot: Slot | null, lanes: number, as?: string) {
    this.placed.add(step.id);
    if (as === undefined) this.number += 1;
    this.list.push({ type: 'step', step, depth, number: as === undefined ? this.number : null, slot, lanes, as });
    for (const { from, port } of this.servants.get(step.id) ?? []) {
      const servant = this.byId.get(from);
      if (!servant) continue;
      if (this.serves.has(from) && !this.placed.has(from)) this.put(servant, depth + 1, null, 0, servingWord(port));
      else this.list.push({ type: 'jump', to: from, depth: depth + 1, back: false, as: servingWord(port) });
    }
  }

  private isReady(id: string) {
    return (this.entering.get(id) ?? []).every((edge) => this.back.has(edge) || this.placed.has(edge.from));
  }

  private waysOf(step: Step): Way[] {
    const edges = this.leaving.get(step.id) ?? [];
    const known = (this.operationOf(step)?.outputs ?? []).filter(carriesWork);
    const ports = [...new Set([...known, ...edges.map(({ port }) => port)])].sort(byPort);
    const ways = ports.map((port) => ({ port, targets: edges.filter((edge) => edge.port === port).map(({ to }) => to) }));
    // The page does not know what leads out of a step that is not in the catalogue; the server does.
    return ways.length === 0 && !this.operationOf(step) && !this.serves.has(step.id) ? [{ port: null, targets: [] }] : ways;
  }

  private label(step: Step, port: string) {
    const named = portLabel(step, this.operationOf(step), port);
    return named === port ? portWord(port) : named;
  }

  private place(id: string) {
    return this.steps.findIndex((step) => step.id === id);
  }

  /** Edges that lead to where the work came from. */
  private findWaysBack() {
    const state = new Map<string, 'open' | 'done'>();
    const roots = [...this.steps].sort((a, b) => Number(b.kind === 'trigger') - Number(a.kind === 'trigger'));
    for (const root of roots) {
      if (state.has(root.id)) continue;
      state.set(root.id, 'open');
      const path = [{ id: root.id, next: 0 }];
      for (let top = path.at(-1); top; top = path.at(-1)) {
        const edge = this.leaving.get(top.id)?.[top.next];
        top.next += 1;
        if (!edge) {
          state.set(top.id, 'done');
          path.pop();
        } else if (state.get(edge.to) === 'open') {
          this.back.add(edge);
        } else if (!state.has(edge.to)) {
          state.set(edge.to, 'open');
          path.push({ id: edge.to, next: 0 });
        }
      }
    }
  }
}

/** From top to bottom and from left to right, as the canvas of such an engine is read. */
function byPlace(a: Step, b: Step) {
  return (a.position?.y ?? 0) - (b.position?.y ?? 0) || (a.position?.x ?? 0) - (b.position?.x ?? 0) || (a.id < b.id ? -1 : 1);
}

function add(map: Map<string, Edge[]>, key: string, edge: Edge) {
  const known = map.get(key);
  if (known) known.push(edge);
  else map.set(key, [edge]);
}
