import type { Condition, Field, Rule, Settings } from '@/api/contract';

/** Settings as the form sees them: with the defaults of what is left out, and inside the settings of the whole step. */
export interface Filled {
  settings: Settings;
  /** Those of the step, when these are a part of them. */
  root?: Filled;
}

/**
 * The settings of these fields. The fields are gone through in their order: of several with one name, the default of the
 * first that is shown counts.
 */
export function filled(fields: Field[], settings: Settings, root?: Filled): Filled {
  const all: Filled = { settings: { ...settings }, root };
  for (const field of fields) {
    if (field.default === undefined || Object.hasOwn(all.settings, field.name)) continue;
    if (isVisible(field, all)) all.settings[field.name] = field.default;
  }
  return all;
}

/** Whether a field is shown among these settings. */
export const isVisible = (field: Field, settings: Filled): boolean => !field.visible_when || holds(field.visible_when, settings);

/** Whether the rule holds for these settings; the same rules as on the server, held to the same table of cases. */
export function holds(rule: Rule, settings: Filled): boolean {
  if ('all' in rule) return rule.all.every((each) => holds(each, settings));
  if ('any' in rule) return rule.any.some((each) => holds(each, settings));
  if ('not' in rule) return !holds(rule.not, settings);
  return compare(rule, lookup(settings, rule.field));
}

function compare({ operator, values = [] }: Condition, value: unknown): boolean {
  const first = values[0];
  const among = (each: unknown) => values.some((expected) => same(expected, each));
  const isSet = value !== undefined && value !== null && value !== '';
  const texts = typeof value === 'string' && typeof first === 'string';
  const numbers = typeof value === 'number' && typeof first === 'number';
  switch (operator) {
    case 'equals':
      return same(first, value);
    case 'not_equals':
      return !same(first, value);
    case 'in':
      return among(value);
    case 'not_in':
      return !among(value);
    case 'set':
      return isSet;
    case 'not_set':
      return !isSet;
    case 'has_any':
      return Array.isArray(value) && value.some(among);
    case 'contains':
      return texts && value.includes(first);
    case 'starts_with':
      return texts && value.startsWith(first);
    case 'ends_with':
      return texts && value.endsWith(first);
    case 'above':
      return numbers && value > first;
    case 'at_least':
      return numbers && value >= first;
    case 'below':
      return numbers && value < first;
    case 'at_most':
      return numbers && value <= first;
  }
}

const isObject = (value: unknown): value is Settings => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The setting that a path leads to, as `options.mode` beside the field or `/resource` in the step. Lists are not entered. */
export function lookup({ settings, root }: Filled, path: string): unknown {
  const [from, within] = path.startsWith('/') ? [root?.settings ?? settings, path.slice(1)] : [settings, path];
  return within
    .split('.')
    .reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), from);
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
