import { Text } from '@mantine/core';
import { IconShieldExclamation, IconShieldLock } from '@tabler/icons-react';
import type { Engine, Wall } from '@/api/contract';
import { isBuiltIn } from '@/api/engines';
import { m } from '@/messages/en';
import classes from '@/parts/cards.module.css';
import { FactLine, FactList } from '@/parts/facts';

/** What must be true of an engine, one by one, and what to do where it is not. */
export function Facts({ engine }: { engine: Engine }) {
  if (!isBuiltIn(engine)) return <FactList facts={engine.facts} connected={engine.connected} />;
  return (
    <ul className={classes.facts} aria-label={m.engines.facts}>
      <FactLine answer="yes" text={m.engines.builtInFact} />
    </ul>
  );
}

/** What keeps the workspace apart from others. A weak wall must never go unsaid. */
export function WallLine({ wall }: { wall: Wall }) {
  const weak = wall === 'shared_key';
  const Icon = weak ? IconShieldExclamation : IconShieldLock;
  return (
    <div className={classes.wall} data-weak={weak || undefined} role="group" aria-label={m.engines.wallTitle}>
      <Icon size={18} stroke={1.75} aria-hidden />
      <div>
        <Text size="sm" fw={550}>
          {m.engines.wall[wall].title}
        </Text>
        <Text size="sm" c={weak ? undefined : 'dimmed'}>
          {m.engines.wall[wall].text}
        </Text>
      </div>
    </div>
  );
}
