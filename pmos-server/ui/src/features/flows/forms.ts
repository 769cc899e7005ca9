import type { Flow, Step } from '@/api/contract';

/** Says of steps what describes them, where their piece alone does not: a step may be of an older version of it. */
export type Forms = Flow['forms'];

/** The name of the piece that describes a step. */
export const formOf = (forms: Forms, { id, piece }: Pick<Step, 'id' | 'piece'>): string => forms?.[id] ?? piece;

/** The same without what was said of a step that became another one; what describes that the server says. */
export function forget(forms: Forms, step: string): Forms {
  if (!forms?.[step]) return forms;
  const { [step]: _, ...rest } = forms;
  return rest;
}
