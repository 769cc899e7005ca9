import { Text } from '@mantine/core';
import { IconAlertCircleFilled, IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled } from '@tabler/icons-react';
import type { Fact } from '@/api/contract';
import { m } from '@/messages/en';
import classes from './cards.module.css';

/** What holds may leave something to be done, and is then not green. */
type Answer = 'yes' | 'limited' | 'no' | 'unknown';

const LOOK = {
  yes: { icon: IconCircleCheckFilled, tone: 'ok' },
  limited: { icon: IconAlertCircleFilled, tone: 'warn' },
  no: { icon: IconCircleXFilled, tone: 'bad' },
  unknown: { icon: IconCircleDashed, tone: 'quiet' },
} as const;

/** What was found about a service, one by one, and what to do where it is not as it must be. */
export function FactList({ facts, connected = true }: { facts: Fact[]; connected?: boolean }) {
  return (
    <ul className={classes.facts} aria-label={m.engines.facts}>
      {facts.map((fact, at) => {
        const answer = answerOf(fact);
        // What passes needs no explanation, and the same reason is not given twice in a row.
        const told = answer === 'yes' || facts[at - 1]?.message === fact.message;
        return (
          <FactLine
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

export function FactLine({ answer, text, why, todo }: { answer: Answer; text: string; why?: string; todo?: string | null }) {
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

/** When something was last looked at. */
export const checkedAt = (facts: Fact[]) => facts.reduce((newest, { at }) => (at > newest ? at : newest), facts[0]?.at ?? '');
