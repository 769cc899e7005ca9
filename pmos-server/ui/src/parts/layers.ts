import { useWindowEvent } from '@mantine/hooks';
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

/** What lies over the page, lowest first. */
const layers: { close: () => void }[] = [];

const closeTop = () => layers.at(-1)?.close();

/** Whether something lies over the page. */
export const covered = () => layers.length > 0;

/** While it is opened, Escape and Back close this, and nothing that lies below it. */
export function useLayer(opened: boolean, close: () => void) {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!opened) return;
    const layer = { close: () => latest.current() };
    layers.push(layer);
    return () => void layers.splice(layers.indexOf(layer), 1);
  }, [opened]);
}

/** Once for the application: what Escape and Back mean while something lies over the page. */
export function useLayerKeys() {
  useWindowEvent(
    'keydown',
    (event) => {
      // An open list or menu has marked the element it is used by, and closes itself.
      const own = event.target instanceof Element && event.target.getAttribute('data-mantine-stop-propagation') === 'true';
      if (event.key === 'Escape' && !event.isComposing && !own) closeTop();
    },
    { capture: true },
  );
  useBlocker({
    shouldBlockFn: ({ action }) => {
      if (action !== 'BACK' || layers.length === 0) return false;
      // The browser has gone back already and is sent forward again; only there may closing touch the address.
      window.addEventListener('popstate', closeTop, { once: true });
      return true;
    },
    enableBeforeUnload: false,
  });
}
