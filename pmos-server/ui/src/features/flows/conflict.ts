import type { DoneEdit } from '@/api/contract';
import { type Leaf, leavesOf, placeOf, type Words } from '@/parts/edit-words';

/** One thing that two changes set. */
export interface Both {
  /** Where it stands, as `Answer › Body`. */
  place: string;
  theirs: unknown;
  mine: unknown;
}

const within = (outer: string[], inner: string[]) => outer.every((key, at) => inner[at] === key);
const same = (a: Leaf, b: Leaf) => a.step === b.step && (within(a.path, b.path) || within(b.path, a.path));

/** What two lists of edits set both, and what else the first one does. */
export function bothOf(theirs: DoneEdit[], mine: DoneEdit[], words: Words): { rows: Both[]; rest: DoneEdit[] } {
  const known = theirs.flatMap((edit) => leavesOf(edit).map((leaf) => ({ edit, leaf })));
  const met = new Set<DoneEdit>();
  const rows = mine.flatMap(leavesOf).flatMap((leaf): Both[] => {
    const other = known.find((each) => same(each.leaf, leaf));
    if (!other) return [];
    met.add(other.edit);
    return [{ place: `${words.step(leaf.step)} › ${placeOf(leaf, words)}`, theirs: other.leaf.value, mine: leaf.value }];
  });
  const [their, my] = [theirs.find(({ op }) => op === 'rename'), mine.find(({ op }) => op === 'rename')];
  if (their?.op === 'rename' && my?.op === 'rename') {
    met.add(their);
    rows.push({ place: words.flow, theirs: their.name, mine: my.name });
  }
  return { rows, rest: theirs.filter((edit) => !met.has(edit)) };
}
