import { Menu } from '@mantine/core';
import { IconArrowDown, IconArrowFork, IconArrowUp, IconArrowsMove, IconCopy, IconDots, IconTrash } from '@tabler/icons-react';
import type { Step } from '@/api/contract';
import { m } from '@/messages/en';
import { ActIcon, ActItem } from '@/parts/act';
import classes from './flows.module.css';

interface Props {
  step: Step;
  reason: string | null;
  onDuplicate: () => void;
  /** Changing places, where steps have one. */
  places?: { onUp: (() => void) | null; onDown: (() => void) | null; onMove: () => void };
  /** Saying what comes next, where any step may lead to any other. */
  onLinks?: () => void;
  onRemove: () => void;
}

/** What can be done with one step; what its engine cannot do is not there. */
export function StepMenu({ step, reason, onDuplicate, places, onLinks, onRemove }: Props) {
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActIcon name={m.editor.menu(step.name)} className={classes.stepMenu}>
          <IconDots size={18} stroke={1.75} />
        </ActIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <ActItem reason={reason} leftSection={<IconCopy size={18} stroke={1.75} />} onClick={onDuplicate}>
          {m.flows.duplicate}
        </ActItem>
        {places && (
          <>
            <ActItem
              reason={reason ?? (places.onUp ? null : m.field.first)}
              leftSection={<IconArrowUp size={18} stroke={1.75} />}
              onClick={places.onUp ?? undefined}
            >
              {m.editor.up}
            </ActItem>
            <ActItem
              reason={reason ?? (places.onDown ? null : m.field.last)}
              leftSection={<IconArrowDown size={18} stroke={1.75} />}
              onClick={places.onDown ?? undefined}
            >
              {m.editor.down}
            </ActItem>
            <ActItem reason={reason} leftSection={<IconArrowsMove size={18} stroke={1.75} />} onClick={places.onMove}>
              {m.editor.moveTo}
            </ActItem>
          </>
        )}
        {onLinks && (
          <ActItem reason={reason} leftSection={<IconArrowFork size={18} stroke={1.75} />} onClick={onLinks}>
            {m.editor.links}
          </ActItem>
        )}
        <Menu.Divider />
        <ActItem reason={reason} color="red" leftSection={<IconTrash size={18} stroke={1.75} />} onClick={onRemove}>
          {m.editor.remove}
        </ActItem>
      </Menu.Dropdown>
    </Menu>
  );
}
