import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconClock,
  IconClockExclamation,
  IconHourglass,
  IconLoader,
  IconMinus,
  IconQuestionMark,
  IconX,
} from '@tabler/icons-react';
import type { RunStatus, StepStatus } from '@/api/contract';
import { m } from '@/messages/en';
import classes from './status.module.css';

type Status = RunStatus | StepStatus;
export type Tone = 'ok' | 'bad' | 'warn' | 'run' | 'quiet' | 'accent';

const LOOK: Record<Status, { tone: Tone; icon: typeof IconCheck }> = {
  queued: { tone: 'quiet', icon: IconClock },
  running: { tone: 'run', icon: IconLoader },
  waiting: { tone: 'warn', icon: IconHourglass },
  succeeded: { tone: 'ok', icon: IconCheck },
  failed: { tone: 'bad', icon: IconX },
  cancelled: { tone: 'quiet', icon: IconBan },
  timed_out: { tone: 'bad', icon: IconClockExclamation },
  needs_attention: { tone: 'warn', icon: IconAlertTriangle },
  skipped: { tone: 'quiet', icon: IconMinus },
  unknown: { tone: 'warn', icon: IconQuestionMark },
};

/** A short fact, as icon and word. */
export function Pill({ tone, icon: Icon, children }: { tone: Tone; icon?: typeof IconCheck; children: string }) {
  return (
    <span className={classes.pill} data-tone={tone}>
      {Icon && <Icon size={14} stroke={2} aria-hidden />}
      {children}
    </span>
  );
}

export function StatusPill({ status }: { status: Status }) {
  const { tone, icon } = LOOK[status];
  return (
    <Pill tone={tone} icon={icon}>
      {m.status[status]}
    </Pill>
  );
}

/** The status of a step in a row that has no room for the word; the word is its name. */
export function StatusIcon({ status }: { status: Status }) {
  const { tone, icon: Icon } = LOOK[status];
  return (
    <span className={classes.icon} data-tone={tone} data-status={status} role="img" aria-label={m.status[status]}>
      <Icon size={16} stroke={2} aria-hidden />
    </span>
  );
}
