import { IconBolt, IconPencil, IconPlayerPause } from '@tabler/icons-react';
import { m } from '@/messages/en';
import { Pill } from '@/parts/status';

/** Whether an automation works at present. */
export function StatePill({ flow }: { flow: { enabled: boolean; published?: { version: number } | null } }) {
  if (!flow.published) return <Pill tone="quiet" icon={IconPencil} children={m.flows.draft} />;
  return flow.enabled ? <Pill tone="ok" icon={IconBolt} children={m.flows.isOn} /> : <Pill tone="quiet" icon={IconPlayerPause} children={m.flows.isOff} />;
}
