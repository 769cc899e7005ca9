import {
  IconArrowBackUp,
  IconArrowsSplit2,
  IconClock,
  IconHandStop,
  IconHourglass,
  IconPlayerPlay,
  IconPuzzle,
  IconRepeat,
  IconRoute,
  IconVariable,
  IconWebhook,
  IconWorld,
} from '@tabler/icons-react';
import classes from './step-icon.module.css';

const ICONS: Record<string, typeof IconPuzzle> = {
  webhook: IconWebhook,
  manual: IconPlayerPlay,
  schedule: IconClock,
  set: IconVariable,
  http: IconWorld,
  branch: IconArrowsSplit2,
  loop: IconRepeat,
  delay: IconHourglass,
  subflow: IconRoute,
  respond: IconArrowBackUp,
  stop: IconHandStop,
};

/** The icon of a kind of step. */
export function StepIcon({ operation }: { operation: string }) {
  const Icon = ICONS[operation] ?? IconPuzzle;
  return (
    <span className={classes.frame} aria-hidden>
      <Icon size={18} stroke={1.75} />
    </span>
  );
}
