/** Questions that a refused request puts to the person, answered by a dialog over the page. */

export type Question = 'sign_in' | 'step_up';

interface Asked {
  question: Question;
  answer: (granted: boolean) => void;
}

let asked: Asked | null = null;
let pending: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

function set(next: Asked | null) {
  asked = next;
  for (const listener of listeners) listener();
}

/** Asks once, however many requests are refused meanwhile; true when the request may be repeated. */
export function ask(question: Question): Promise<boolean> {
  pending ??= new Promise<boolean>((resolve) => {
    set({
      question,
      answer: (granted) => {
        pending = null;
        set(null);
        resolve(granted);
      },
    });
  });
  return pending;
}

export const prompts = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  current: () => asked,
};
