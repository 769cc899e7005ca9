import { IconBan, IconCheck, IconClockOff, IconHourglass, IconLoader, IconX } from '@tabler/icons-react';
import type { ApprovalStatus } from '@/api/contract';
import { m } from '@/messages/en';
import { Pill, type Tone } from '../status';

const LOOK: Record<ApprovalStatus, { tone: Tone; icon: typeof IconCheck }> = {
  pending: { tone: 'warn', icon: IconHourglass },
  approved: { tone: 'run', icon: IconLoader },
  denied: { tone: 'quiet', icon: IconBan },
  expired: { tone: 'quiet', icon: IconClockOff },
  executed: { tone: 'ok', icon: IconCheck },
  failed: { tone: 'bad', icon: IconX },
};

export function ApprovalPill({ status }: { status: ApprovalStatus }) {
  const { tone, icon } = LOOK[status];
  return (
    <Pill tone={tone} icon={icon}>
      {m.approvals.status[status]}
    </Pill>
  );
}
