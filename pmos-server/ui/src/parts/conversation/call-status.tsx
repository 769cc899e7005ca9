import { IconBan, IconCheck, IconCircleDashed, IconClockOff, IconHourglass, IconLoader, IconQuestionMark, IconX } from '@tabler/icons-react';
import type { ToolCallStatus } from '@/api/contract';
import { m } from '@/messages/en';
import { Pill, type Tone } from '../status';
import classes from './conversation.module.css';

const LOOK: Record<ToolCallStatus, { tone: Tone; icon: typeof IconCheck }> = {
  proposed: { tone: 'quiet', icon: IconCircleDashed },
  waiting_approval: { tone: 'warn', icon: IconHourglass },
  denied: { tone: 'quiet', icon: IconBan },
  expired: { tone: 'quiet', icon: IconClockOff },
  running: { tone: 'run', icon: IconLoader },
  succeeded: { tone: 'ok', icon: IconCheck },
  failed: { tone: 'bad', icon: IconX },
  cancelled: { tone: 'quiet', icon: IconBan },
  unknown: { tone: 'warn', icon: IconQuestionMark },
};

export function CallIcon({ status }: { status: ToolCallStatus }) {
  const { tone, icon: Icon } = LOOK[status];
  return (
    <span className={classes.icon} data-tone={tone} data-turning={status === 'running' || undefined} role="img" aria-label={m.chat.callStatus[status]}>
      <Icon size={16} stroke={2} aria-hidden />
    </span>
  );
}

export function CallPill({ status }: { status: ToolCallStatus }) {
  const { tone, icon } = LOOK[status];
  return (
    <Pill tone={tone} icon={icon}>
      {m.chat.callStatus[status]}
    </Pill>
  );
}
