import type { Condition, Field, Settings } from '@/api/contract';

/** Whether a field is shown beside these siblings; the same rules as on the server. */
export function isVisible(field: Field, siblings: Settings, fields: Field[]): boolean {
  if (!field.visible_when) return true;
  const { field: name } = field.visible_when;
  return holds(field.visible_when, siblings[name] ?? fields.find((other) => other.name === name)?.default);
}

export function holds({ operator, values = [] }: Condition, value: unknown): boolean {
  const among = values.some((expected) => same(expected, value));
  switch (operator) {
    case 'equals':
      return same(values[0], value);
    case 'not_equals':
      return !same(values[0], value);
    case 'in':
      return among;
    case 'not_in':
      return !among;
    case 'set':
      return isSet(value);
    case 'not_set':
      return !isSet(value);
  }
}

const isSet = (value: unknown) => value !== undefined && value !== null && value !== '';
const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
