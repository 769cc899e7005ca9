import { Collapse, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconCircle, IconCircleCheckFilled, IconListCheck, IconLoader } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { PlanStep, ToolCall, ToolCallStatus } from '@/api/contract';
import { isFinal, type Turn } from '@/api/transcript';
import { m } from '@/messages/en';
import { Call } from './call';
import classes from './conversation.module.css';

const TROUBLE: ToolCallStatus[] = ['failed', 'unknown', 'denied', 'expired'];

/** What the assistant planned and did for an answer. Folded, unless something did not come out as it wanted. */
export function Trace({ turn }: { turn: Turn }) {
  const body = useId();
  const [asked, setAsked] = useState<boolean | null>(null);
  // That a plan was told is seen by the plan itself.
  const calls = turn.tool_calls.filter(({ tool, status }) => tool !== 'update_plan' || status === 'failed');
  if (calls.length === 0 && turn.plan.length === 0) return null;
  const opened = asked ?? calls.some(({ status }) => TROUBLE.includes(status));
  return (
    <div className={classes.trace} role="group" aria-label={m.chat.trace}>
      {turn.plan.length > 0 && <Plan steps={turn.plan} over={isFinal(turn)} />}
      {calls.length > 0 && (
        <>
          <UnstyledButton className={classes.traceHead} aria-expanded={opened} aria-controls={body} onClick={() => setAsked(!opened)}>
            <IconListCheck size={16} stroke={1.75} aria-hidden />
            <span className={classes.callTitle}>{counted(calls)}</span>
            <IconChevronDown size={16} stroke={1.75} className={classes.chevron} data-opened={opened || undefined} aria-hidden />
          </UnstyledButton>
          <Collapse expanded={opened} id={body}>
            {opened && (
              <ol className={classes.calls}>
                {calls.map((call) => (
                  <Call key={call.tool_call} call={call} />
                ))}
              </ol>
            )}
          </Collapse>
        </>
      )}
    </div>
  );
}

/** How many calls there were, and how many ended in which way. */
function counted(calls: ToolCall[]): string {
  const tally = new Map<ToolCallStatus, number>();
  for (const { status } of calls) tally.set(status, (tally.get(status) ?? 0) + 1);
  const parts = [...tally].map(([status, count]) => `${count} ${m.chat.callStatus[status].toLowerCase()}`);
  return tally.size === 1 && tally.has('succeeded') ? m.chat.allDone(calls.length) : `${m.chat.calls(calls.length)}: ${parts.join(', ')}`;
}

function Plan({ steps, over }: { steps: PlanStep[]; over: boolean }) {
  return (
    <ol className={classes.plan} aria-label={m.chat.plan}>
      {steps.map(({ title, status = 'pending' }, at) => {
        const Icon = status === 'done' ? IconCircleCheckFilled : status === 'running' && !over ? IconLoader : IconCircle;
        return (
          <li key={at} data-status={status}>
            <span className={classes.icon} data-tone={status === 'done' ? 'ok' : status === 'running' ? 'run' : 'quiet'} data-turning={(status === 'running' && !over) || undefined} role="img" aria-label={m.chat.planStatus[status]}>
              <Icon size={16} stroke={1.75} aria-hidden />
            </span>
            <Text span size="sm">
              {title}
            </Text>
          </li>
        );
      })}
    </ol>
  );
}
