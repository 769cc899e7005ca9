import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import type { Dashboard } from '@/api/contract';
import { m } from '@/messages/en';
import { ButtonLink } from '@/parts/link';
import { Section } from '@/parts/page';
import { Ago } from '@/parts/time';
import classes from './dashboard.module.css';

/** What went wrong and where to look. */
export function NeedsYou({ dashboard, workspace }: { dashboard: Dashboard; workspace: string }) {
  const { failing_flows: failing, health } = dashboard;
  const ill = health.filter(({ ok }) => !ok);
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
      {failing.length + ill.length === 0 && (
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
