import { Progress, Text } from '@mantine/core';
import { IconCircleCheckFilled, IconCircleDashed } from '@tabler/icons-react';
import type { Dashboard } from '@/api/contract';
import { m } from '@/messages/en';
import { ButtonLink } from '@/parts/link';
import { Section } from '@/parts/page';
import classes from './dashboard.module.css';

/** The first steps, each done when the server says that it happened. */
export function Checklist({ setup, workspace }: { setup: Dashboard['setup']; workspace: string }) {
  const next = setup.steps.find(({ done }) => !done)?.name;
  return (
    <Section title={m.setup.title} aside={<Text size="xs" c="dimmed" children={m.setup.progress(setup.done, setup.total)} />}>
      <Progress value={(100 * setup.done) / Math.max(1, setup.total)} size={6} mb="md" aria-label={m.setup.title} />
      <ol className={classes.checks}>
        {setup.steps.map(({ name, done }) => {
          const text = m.setup.steps[name as keyof typeof m.setup.steps] ?? { title: name, text: '', action: '' };
          return (
            <li key={name} className={classes.check}>
              {done ? (
                <IconCircleCheckFilled size={18} className={classes.checkDone} role="img" aria-label={m.setup.done} />
              ) : (
                <IconCircleDashed size={18} className={classes.checkOpen} role="img" aria-label={m.setup.open} />
              )}
              <div className={classes.needText}>
                <Text fw={name === next ? 600 : 400}>{text.title}</Text>
                <Text size="xs" c="dimmed">
                  {text.text}
                </Text>
              </div>
              {!done && name === next && <Way step={name} workspace={workspace} action={text.action} />}
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

function Way({ step, workspace, action }: { step: string; workspace: string; action: string }) {
  if (step === 'invite') {
    return <ButtonLink size="compact-sm" variant="light" to="/w/$workspace/admin/members" params={{ workspace }} children={action} />;
  }
  const search = step === 'create_flow' ? { create: true as const } : {};
  return <ButtonLink size="compact-sm" variant="light" to="/w/$workspace/automations" params={{ workspace }} search={search} children={action} />;
}
