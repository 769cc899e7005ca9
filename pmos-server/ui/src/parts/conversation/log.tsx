import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { type ReactNode, useLayoutEffect, useRef, useState } from 'react';
import { m } from '@/messages/en';
import classes from './conversation.module.css';

/** How near to the end still counts as reading the newest, in pixels. */
const NEAR = 80;

/** What was said, which stays at its end while one reads there. `version` changes with whatever is in it. */
export function Log({ version, children }: { version: unknown; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [behind, setBehind] = useState(false);
  const toEnd = () => box.current?.scrollTo({ top: box.current.scrollHeight });
  useLayoutEffect(() => {
    if (following.current) toEnd();
  }, [version]);
  // Cards that are loaded later, and fields that grow, move the end.
  useLayoutEffect(() => {
    const inner = box.current?.firstElementChild;
    if (!inner || !box.current) return;
    const watch = new ResizeObserver(() => following.current && toEnd());
    watch.observe(inner);
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return (
    <div className={classes.logFrame}>
      <div
        ref={box}
        className={classes.log}
        tabIndex={0}
        role="log"
        aria-label={m.chat.log}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          following.current = scrollHeight - scrollTop - clientHeight < NEAR;
          setBehind(!following.current);
        }}
      >
        <div className={classes.logBody}>{children}</div>
      </div>
      {behind && (
        <Button className={classes.toEnd} size="xs" variant="default" leftSection={<IconArrowDown size={16} stroke={1.75} />} onClick={toEnd}>
          {m.chat.toEnd}
        </Button>
      )}
    </div>
  );
}
