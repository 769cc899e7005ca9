/** Merge patches (RFC 7396), the form in which changes of a step travel. */

import { isObject } from '@/parts/objects';

type Json = unknown;
type Obj = Record<string, Json>;

/** `target` with `patch` applied. */
export function merge(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Obj = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

/**
 * One patch with the effect of `first` and then `second`; nothing when none can, because an object that comes in place
 * of something taken away would be merged into what was there at first.
 */
export function compose(first: Obj, second: Obj): Obj | null {
  const result: Obj = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = result[key];
    if (before === undefined || !isObject(value)) {
      result[key] = value;
    } else {
      const inner = isObject(before) ? compose(before, value) : null;
      if (!inner) return null;
      result[key] = inner;
    }
  }
  return result;
}

/** The patch that leads from one to the other; nothing when none can, because a patch cannot set null. */
export function difference(from: Obj, to: Obj): Obj | null {
  const patch: Obj = {};
  for (const key of Object.keys(from)) if (to[key] === undefined && from[key] !== undefined) patch[key] = null;
  for (const [key, value] of Object.entries(to)) {
    const before = from[key];
    if (value === undefined || same(before, value)) continue;
    if (isObject(before) && isObject(value)) {
      const inner = difference(before, value);
      if (!inner) return null;
      patch[key] = inner;
    } else {
      // An object in place of something else is merged into nothing, and loses the nulls in it.
      if (value === null || (isObject(value) && holdsNull(value))) return null;
      patch[key] = value;
    }
  }
  return patch;
}

const holdsNull = (value: Obj): boolean => Object.values(value).some((each) => each === null || (isObject(each) && holdsNull(each)));
export const same = (a: Json, b: Json) => JSON.stringify(a) === JSON.stringify(b);
