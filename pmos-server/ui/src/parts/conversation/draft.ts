import { useState } from 'react';

const key = (name: string) => `pmos-draft-${name}`;

function read(name: string): string {
  try {
    return localStorage.getItem(key(name)) ?? '';
  } catch {
    return '';
  }
}

/** Keeps what was typed and not sent, under the name of the conversation; nothing where the browser keeps nothing. */
export function keepDraft(name: string, text: string) {
  try {
    if (text) localStorage.setItem(key(name), text);
    else localStorage.removeItem(key(name));
  } catch {
    // The text then lives as long as the page.
  }
}

/** What is typed and not sent yet. */
export function useDraft(name: string) {
  const [text, setText] = useState(() => read(name));
  const set = (next: string) => {
    keepDraft(name, next);
    setText(next);
  };
  return [text, set] as const;
}
