import { Alert, Text, VisuallyHidden } from '@mantine/core';
import { IconAlertTriangle, IconPlayerStop, IconSparkles } from '@tabler/icons-react';
import { memo } from 'react';
import type { ChatMessage } from '@/api/contract';
import { isFinal, type Turn } from '@/api/transcript';
import { m } from '@/messages/en';
import { ApprovalById } from '../approval/card';
import { LoadingSign } from '../loading-sign';
import { Ago, count } from '../time';
import classes from './conversation.module.css';
import { Deeds } from './deeds';
import { Prose } from './prose';
import { Trace } from './trace';

/** A message of a person and all that came of it. */
export const TurnView = memo(function TurnView({ turn, here }: { turn: Turn; here?: string }) {
  const { messages, partial, tool_calls: calls, summary, error, status } = turn;
  const answers = messages.filter(({ role }) => role === 'assistant');
  const waiting = calls.filter((call) => call.status === 'waiting_approval');
  return (
    <article className={classes.turn} aria-label={m.chat.turn}>
      {messages.filter(({ role }) => role === 'user').map((message) => (
        <Said key={message.id} message={message} />
      ))}
      <div className={classes.answer}>
        <span className={classes.face} aria-hidden>
          <IconSparkles size={18} stroke={1.75} />
        </span>
        <div className={classes.answerBody}>
          <Trace turn={turn} />
          {answers.map(({ id, text }) => (
            <Prose key={id} text={text} />
          ))}
          {partial.text.trim() !== '' && (
            // Told as a whole when it is whole, and not piece by piece.
            <div aria-live="off" data-partial>
              <Prose text={partial.text} />
            </div>
          )}
          {waiting.map(({ approval }) => approval && <ApprovalById key={approval} id={approval} />)}
          {error && (
            <Alert color="red" icon={<IconAlertTriangle size={20} />} title={error.message} role="alert">
              {error.action}
            </Alert>
          )}
          {status === 'cancelled' && (
            <Text size="sm" c="dimmed" className={classes.now}>
              <IconPlayerStop size={16} stroke={1.75} aria-hidden />
              {m.chat.stopped}
            </Text>
          )}
          {isFinal(turn) && summary.length > 0 && <Deeds deeds={summary} calls={calls} here={here} />}
          {isFinal(turn) ? <Foot turn={turn} /> : <Now turn={turn} />}
        </div>
      </div>
    </article>
  );
});

function Said({ message: { text } }: { message: ChatMessage }) {
  return (
    <div className={classes.said}>
      <Text span className={classes.saidText}>
        {text}
      </Text>
    </div>
  );
}

/** What it does at the moment. */
function Now({ turn: { status, partial, tool_calls: calls } }: { turn: Turn }) {
  const running = calls.findLast((call) => call.status === 'running');
  if (status === 'waiting_approval') {
    return (
      <VisuallyHidden role="status">{m.chat.waitsForYou}</VisuallyHidden>
    );
  }
  const what = status === 'queued' ? m.chat.queued : running ? m.chat.doing(running.title) : partial.text ? m.chat.writing : m.chat.thinking;
  return (
    <div>
      <Text size="sm" c="dimmed" className={classes.now} role="status">
        {status !== 'queued' && <LoadingSign />}
        {what}
      </Text>
      {partial.thought && (
        <Text size="xs" c="dimmed" className={classes.thought} aria-live="off">
          {partial.thought}
        </Text>
      )}
    </div>
  );
}

/** Which model answered, when, and at what cost. */
function Foot({ turn: { model, at, usage, cost_micros, finished_at } }: { turn: Turn }) {
  const tokens = usage.input + usage.output;
  const parts = [model, tokens > 0 ? m.chat.tokens(count(tokens)) : null, cost_micros ? m.chat.cost(cost_micros / 1_000_000) : null].filter(Boolean);
  return (
    <Text size="xs" c="dimmed" component="div" className={classes.foot}>
      {parts.map((part) => `${part} · `)}
      <Ago at={finished_at ?? at} span inherit />
    </Text>
  );
}
