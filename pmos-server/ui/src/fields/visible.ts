import type { Condition, Field, Settings } from '@/api/contract';

/** Whether a field is shown beside these siblings; what a sibling takes when left out counts as its value. */
export function isVisible(field: Field, siblings: Settings, fields: Field[]): boolean {
  if (!field.visible_when) return true;
  const defaults = Object.fromEntries(fields.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])));
  return holds(field.visible_when, { ...defaults, ...siblings });
}

/** Whether the condition holds for these settings; the same rules as on the server, held to the same table of cases. */
export function holds({ field, operator, values }: Condition, settings: Settings): boolean {
  const value = lookup(settings, field);
  switch (operator) {
    case 'equals':
      return same(values?.[0], value);
    case 'not_equals':
      return !same(values?.[0], value);
    case 'in':
      return among(values, value);
    case 'not_in':
      return !among(values, value);
    case 'set':
      return isSet(value);
    case 'not_set':
      return !isSet(value);
  }
}

const among = (values: unknown[] | undefined, value: unknown) => (values ?? []).some((expected) => same(expected, value));
const isSet = (value: unknown) => value !== undefined && value !== null && value !== '';
const isObject = (value: unknown): value is Settings => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The setting that a dotted path leads to. Lists are not entered. */
function lookup(settings: Settings, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), settings);
}

/** Equality of JSON values, where what is not there is null and the order of keys means nothing. */
function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, at) => same(each, b[at]));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
  }
  return (a ?? null) === (b ?? null);
}
