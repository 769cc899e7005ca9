import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { identity } from '@/api/identity';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';

export function DeleteAccount() {
  const [asking, setAsking] = useState(false);
  return (
    <Section title={m.account.delete}>
      <Text c="dimmed" mb="sm">
        {m.account.deleteText}
      </Text>
      <Button color="red" variant="light" onClick={() => setAsking(true)}>
        {m.account.deleteAction}
      </Button>
      <Dialog opened={asking} onClose={() => setAsking(false)} title={m.account.deleteTitle}>
        <Ask onClose={() => setAsking(false)} />
      </Dialog>
    </Section>
  );
}

function Ask({ onClose }: { onClose: () => void }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const form = useForm({ initialValues: { password: '' }, validate: { password: (value) => (value ? null : m.identity.passwordMissing) } });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ password }) => {
    await identity.deleteAccount(password);
    await navigate({ to: '/sign-in', search: {} });
    cache.clear();
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text>{m.account.deleteText}</Text>
        <PasswordInput
          label={m.identity.password}
          autoComplete="current-password"
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
          {...form.getInputProps('password')}
        />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" color="red" loading={busy}>
            {m.account.deleteAction}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
