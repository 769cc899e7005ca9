import { Text } from '@mantine/core';
import { IconAlertCircleFilled, IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled, IconShieldExclamation, IconShieldLock } from '@tabler/icons-react';
import type { Engine, Fact, Wall } from '@/api/contract';
import { isBuiltIn } from '@/api/engines';
import { m } from '@/messages/en';
import classes from './engines.module.css';

/** What holds may leave something to be done, and is then not green. */
type Answer = 'yes' | 'limited' | 'no' | 'unknown';

const LOOK = {
  yes: { icon: IconCircleCheckFilled, tone: 'ok' },
  limited: { icon: IconAlertCircleFilled, tone: 'warn' },
  no: { icon: IconCircleXFilled, tone: 'bad' },
  unknown: { icon: IconCircleDashed, tone: 'quiet' },
} as const;

/** What must be true of an engine, one by one, and what to do where it is not. */
export function Facts({ engine }: { engine: Engine }) {
  if (isBuiltIn(engine)) {
    return (
      <ul className={classes.facts} aria-label={m.engines.facts}>
        <Line answer="yes" text={m.engines.builtInFact} />
      </ul>
    );
  }
  const { connected, facts } = engine;
  return (
    <ul className={classes.facts} aria-label={m.engines.facts}>
      {facts.map((fact, at) => {
        const answer = answerOf(fact);
        // What passes needs no explanation, and the same reason is not given twice in a row.
        const told = answer === 'yes' || facts[at - 1]?.message === fact.message;
        return (
          <Line
            key={fact.name}
            // Red is for what is broken; what was never set up only waits.
            answer={connected ? answer : 'unknown'}
            text={m.engines.fact[fact.name][answer === 'limited' ? 'yes' : answer]}
            why={told ? undefined : fact.message}
            todo={fact.action}
          />
        );
      })}
    </ul>
  );
}

const answerOf = ({ ok, action }: Fact): Answer => (ok === null ? 'unknown' : !ok ? 'no' : action ? 'limited' : 'yes');

function Line({ answer, text, why, todo }: { answer: Answer; text: string; why?: string; todo?: string | null }) {
  const { icon: Icon, tone } = LOOK[answer];
  return (
    <li className={classes.fact}>
      <span className={classes.factIcon} data-tone={tone} role="img" aria-label={m.engines.factState[answer]}>
        <Icon size={18} aria-hidden />
      </span>
      <div>
        <Text c={answer === 'unknown' ? 'dimmed' : undefined}>{text}</Text>
        {why && (
          <Text size="sm" c="dimmed">
            {why}
          </Text>
        )}
        {todo && (
          <Text size="sm" fw={550}>
            {todo}
          </Text>
        )}
      </div>
    </li>
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
