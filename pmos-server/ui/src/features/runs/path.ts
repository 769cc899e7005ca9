import type { Iteration, StepRun } from '@/api/contract';

/** Where a step of a run stands: step ids and passes in turn, as `lines/3/send`. */
export type Path = string[];

export const parsePath = (text: string | undefined): Path => (text ? text.split('/') : []);
export const printPath = (path: Path): string => path.join('/');

/** The id of the step that a path leads to, in whichever pass. */
export const stepOf = (path: Path): string | undefined => path.findLast((_, at) => at % 2 === 0);

/** The step at the path, if it ran. */
export function stepAt(steps: StepRun[], path: Path): StepRun | undefined {
  const [id, pass, ...rest] = path;
  const step = steps.find((each) => each.id === id);
  if (!step || pass === undefined) return step;
  const iteration = step.iterations?.find(({ index }) => index === Number(pass));
  return iteration && rest.length > 0 ? stepAt(iteration.steps, rest) : step;
}

/** What to show first: the deepest failure, else the last step. */
export function firstInterest(steps: StepRun[]): Path {
  const failed = steps.findLast(({ status }) => status === 'failed' || status === 'unknown');
  if (!failed) {
    const last = steps.at(-1);
    return last ? [last.id] : [];
  }
  const pass = failed.iterations?.find(isBad);
  return pass ? [failed.id, String(pass.index), ...firstInterest(pass.steps)] : [failed.id];
}

export const isBad = ({ status }: Iteration) => status === 'failed' || status === 'unknown';
