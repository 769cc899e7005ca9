import { Menu } from '@mantine/core';
import { IconArrowDown, IconArrowFork, IconArrowUp, IconArrowsMove, IconCopy, IconDots, IconTrash } from '@tabler/icons-react';
import type { Step } from '@/api/contract';
import { m } from '@/messages/en';
import { ActIcon, ActItem } from '@/parts/act';
import classes from './flows.module.css';
import type { RowActs } from './step-rows';

export interface MenuProps {
  step: Step;
  reason: string | null;
  /** Whether any step may lead to any other, so that steps have no places to change. */
  free: boolean;
  /** Whether there is a step to change places with. */
  up: boolean;
  down: boolean;
  /** Whether the Tab key stops here. */
  reached: boolean;
  acts: RowActs;
}

/** What can be done with one step; what its engine cannot do is not there. */
export function StepMenu({ step, reason, free, up, down, reached, acts }: MenuProps) {
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActIcon name={m.editor.menu(step.name)} className={classes.stepMenu} tabIndex={reached ? 0 : -1}>
          <IconDots size={18} stroke={1.75} />
        </ActIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <ActItem reason={reason} leftSection={<IconCopy size={18} stroke={1.75} />} onClick={() => acts.duplicate(step)}>
          {m.flows.duplicate}
        </ActItem>
        {!free && (
          <>
            <ActItem
              reason={reason ?? (up ? null : m.field.first)}
              leftSection={<IconArrowUp size={18} stroke={1.75} />}
              onClick={() => acts.swap(step, 'up')}
            >
              {m.editor.up}
            </ActItem>
            <ActItem
              reason={reason ?? (down ? null : m.field.last)}
              leftSection={<IconArrowDown size={18} stroke={1.75} />}
              onClick={() => acts.swap(step, 'down')}
            >
              {m.editor.down}
            </ActItem>
            <ActItem reason={reason} leftSection={<IconArrowsMove size={18} stroke={1.75} />} onClick={() => acts.move(step)}>
              {m.editor.moveTo}
            </ActItem>
          </>
        )}
        {free && (
          <ActItem reason={reason} leftSection={<IconArrowFork size={18} stroke={1.75} />} onClick={() => acts.link(step)}>
            {m.editor.links}
          </ActItem>
        )}
        <Menu.Divider />
        <ActItem reason={reason} color="red" leftSection={<IconTrash size={18} stroke={1.75} />} onClick={() => acts.remove(step)}>
          {m.editor.remove}
        </ActItem>
      </Menu.Dropdown>
    </Menu>
  );
}
