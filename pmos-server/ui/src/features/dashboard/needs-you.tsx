import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInbox } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { approvalsQuery } from '@/api/approvals';
import type { Dashboard } from '@/api/contract';
import { m } from '@/messages/en';
import { ButtonLink } from '@/parts/link';
import { Section } from '@/parts/page';
import { Ago } from '@/parts/time';
import { useReason } from '@/parts/workspace';
import classes from './dashboard.module.css';

/** What waits for a decision, what went wrong, and where to look. */
export function NeedsYou({ dashboard, workspace }: { dashboard: Dashboard; workspace: string }) {
  const { failing_flows: failing, health } = dashboard;
  const ill = health.filter(({ ok }) => !ok);
  const closed = useReason('approvals.list');
  const waiting = useInfiniteQuery({ ...approvalsQuery(workspace, 'pending'), enabled: !closed }).data ?? [];
  const oldest = waiting.at(-1);
  return (
    <Section title={m.dashboard.needsYou} flush>
      {ill.map(({ name, message, at }) => (
        <div key={name} className={classes.need}>
          <span className={classes.needIcon} data-tone="bad" aria-hidden>
            <IconAlertTriangle size={18} stroke={1.75} />
          </span>
          <div className={classes.needText}>
            <Text fw={550}>{name}</Text>
            <Text size="sm" c="dimmed">
              <Ago at={at} />: {message}
            </Text>
          </div>
        </div>
      ))}
      {oldest && (
        <div className={classes.need}>
          <span className={classes.needIcon} data-tone="warn" aria-hidden>
            <IconInbox size={18} stroke={1.75} />
          </span>
          <div className={classes.needText}>
            <Text fw={550}>{m.dashboard.waiting(waiting.length)}</Text>
            <Text size="sm" c="dimmed" lineClamp={2}>
              {m.dashboard.oldest(oldest.summary)} <Ago at={oldest.created_at} span inherit />
            </Text>
          </div>
          <ButtonLink variant="default" size="xs" to="/w/$workspace/approvals" params={{ workspace }}>
            {m.dashboard.review}
          </ButtonLink>
        </div>
      )}
      {failing.map(({ id, name, failures, last_error, last_at }) => (
        <div key={id} className={classes.need}>
          <span className={classes.needIcon} data-tone="bad" aria-hidden>
            <IconAlertTriangle size={18} stroke={1.75} />
          </span>
          <div className={classes.needText}>
            <Text fw={550}>{m.dashboard.failedTimes(name, failures)}</Text>
            <Text size="sm" c="dimmed" lineClamp={2}>
              <Ago at={last_at} />
              {last_error ? `: ${last_error}` : ''}
            </Text>
          </div>
          <ButtonLink
            variant="default"
            size="xs"
            to="/w/$workspace/runs"
            params={{ workspace }}
            search={{ flow: id, status: 'failed' }}
            aria-label={m.dashboard.lookAt(name)}
          >
            {m.dashboard.look}
          </ButtonLink>
        </div>
      ))}
      {failing.length + ill.length + waiting.length === 0 && (
        <div className={classes.need}>
          <span className={classes.needIcon} data-tone="ok" aria-hidden>
            <IconCircleCheck size={18} stroke={1.75} />
          </span>
          <div className={classes.needText}>
            <Text fw={550}>{m.dashboard.allFine}</Text>
            <Text size="sm" c="dimmed">
              {m.dashboard.allFineText}
            </Text>
          </div>
        </div>
      )}
    </Section>
  );
}
