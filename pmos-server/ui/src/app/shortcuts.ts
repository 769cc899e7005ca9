import { useWindowEvent } from '@mantine/hooks';
import { covered } from '@/parts/layers';

/** Where a letter is text and no key of the application. */
const writes = (target: EventTarget | null) => target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

/** Keys without a modifier, by the sign that they write: where it stands on the keyboard differs from country to country. */
export function useShortcuts(keys: Record<string, () => void>) {
  useWindowEvent('keydown', (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.repeat || writes(event.target) || covered()) return;
    event.preventDefault();
    act();
  });
}

/** The field by which the list of the page is searched. */
export const pageSearch = () => document.querySelector<HTMLInputElement>('#content input[type="search"]');
