import { Stack, UnstyledButton } from '@mantine/core';
import type { Step } from '@/api/contract';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import classes from './flows.module.css';
import type { NamedSlot } from './outline';

interface Props {
  step: Step | null;
  onClose: () => void;
  slots: NamedSlot[];
  nameOf: (slot: NamedSlot) => string;
  /** The steps that move along; none of the places in them can be the goal. */
  inside: Set<string>;
  onMove: (step: Step, slot: NamedSlot) => void;
}

/** Any other place in the flow, by name. */
export function MoveDialog({ step, onClose, slots, nameOf, inside, onMove }: Props) {
  return (
    <Dialog opened={step !== null} onClose={onClose} title={m.editor.moveTitle(step?.name ?? '')}>
      <Stack gap={4}>
        {slots
          .filter(({ after }) => !inside.has(after))
          .map((slot) => (
            <UnstyledButton
              key={`${slot.after} ${slot.port}`}
              className={classes.option}
              onClick={() => {
                if (step) onMove(step, slot);
                onClose();
              }}
            >
              {nameOf(slot)}
            </UnstyledButton>
          ))}
      </Stack>
    </Dialog>
  );
}
