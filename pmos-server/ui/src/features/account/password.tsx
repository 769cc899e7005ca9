import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { identity } from '@/api/identity';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Section } from '@/parts/page';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';

const SHORTEST = 12;

export function Password() {
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { current: '', new: '' },
    validate: {
      current: (value) => (value ? null : m.identity.passwordMissing),
      new: (value) => (value.length >= SHORTEST ? null : m.identity.passwordShort(SHORTEST)),
    },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    await identity.changePassword(values.current, values.new);
    form.reset();
    toastDone(m.account.passwordChanged);
    await cache.invalidateQueries({ queryKey: keys.sessions });
  });
  const shown = { visibilityToggleButtonProps: { 'aria-label': m.app.showText } };
  return (
    <Section title={m.identity.password}>
      <form onSubmit={onSubmit} noValidate>
        <Stack maw={420}>
          <PasswordInput label={m.account.current} autoComplete="current-password" {...shown} {...form.getInputProps('current')} />
          <PasswordInput
            label={m.identity.newPassword}
            description={m.account.passwordEnds}
            autoComplete="new-password"
            {...shown}
            {...form.getInputProps('new')}
          />
          {problem && <ProblemView error={problem} />}
          <Group>
            <Button type="submit" variant="default" loading={busy}>
              {m.account.changePassword}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
