import { IconAlertTriangle, IconBolt } from '@tabler/icons-react';
import type { Effect } from '@/api/contract';
import { m } from '@/messages/en';
import { Pill } from './status';

/** What an act does to the world. */
export function EffectPill({ effect }: { effect: Effect }) {
  if (effect === 'destructive') return <Pill tone="bad" icon={IconAlertTriangle} children={m.effect.destructive} />;
  if (effect === 'write') return <Pill tone="warn" icon={IconBolt} children={m.effect.write} />;
  return <Pill tone="quiet" children={m.effect[effect]} />;
}
