import { type FocusEvent, type KeyboardEvent, type RefObject, useState } from 'react';

interface Keys {
  list: RefObject<HTMLElement | null>;
  /** Where the Tab key enters the list at first. */
  selected: string | undefined;
  /** Enter: shows the settings of a step and goes there. */
  open: (step: string) => void;
  /** Shift and Delete. */
  remove: (step: string) => void;
}

const cardOf = (target: EventTarget) => (target instanceof HTMLElement ? target.dataset.step : undefined);

/** A long list is one stop of the Tab key, at the card that was used last; arrows go from card to card. */
export function useListKeys({ list, selected, open, remove }: Keys) {
  const [used, setUsed] = useState<string | null>(null);
  const cards = () => [...(list.current?.querySelectorAll<HTMLElement>('[data-step]') ?? [])];
  const known = used !== null && list.current?.querySelector(`[data-step=${JSON.stringify(used)}]`) ? used : selected;
  return {
    /** The step whose card, menu and places the Tab key stops at. */
    reached: known,
    onFocus: (event: FocusEvent) => {
      const card = cardOf(event.target);
      if (card !== undefined) setUsed(card);
    },
    onKeyDown: (event: KeyboardEvent) => {
      const card = cardOf(event.target);
      if (card === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      const all = cards();
      const at = all.findIndex(({ dataset }) => dataset.step === card);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to !== undefined) all[to]?.focus();
      else if (event.key === 'Enter') open(card);
      else if (event.key === 'Delete' && event.shiftKey) remove(card);
      else return;
      event.preventDefault();
    },
  };
}
