/**
 * Whether the server answers. Every request that fails to reach it makes this ask, again and again, until it is back;
 * what waits for that is told.
 */

const FIRST_MS = 500;
const LONGEST_MS = 5_000;

let down = false;
let asking = false;
const readers = new Set<() => void>();
const waiting = new Set<() => void>();

function set(next: boolean) {
  down = next;
  for (const reader of readers) reader();
}

async function answers(): Promise<boolean> {
  try {
    // What the first page asks, too: of all routes that need no sign-in the cheapest.
    return (await fetch('/api/v1/bootstrap', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

/** A request did not reach the server. */
export async function lost() {
  if (asking) return;
  asking = true;
  for (let wait = FIRST_MS; !(await answers()); wait = Math.min(wait * 2, LONGEST_MS)) {
    if (!down) set(true);
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
  asking = false;
  set(false);
  for (const act of waiting) act();
}

export const reach = {
  subscribe(reader: () => void) {
    readers.add(reader);
    return () => readers.delete(reader);
  },
  isDown: () => down,
  /** Calls `act` whenever the server answers again. */
  onBack(act: () => void) {
    waiting.add(act);
    return () => void waiting.delete(act);
  },
};
