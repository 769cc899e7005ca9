import { Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import type { Me } from '@/api/contract';
import { identity } from '@/api/identity';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { rules } from './rules';

/** The session lapsed in the middle of something: sign in again over the page, nothing typed is lost. */
export default function SignInDialog({ onDone }: { onDone: (signedIn: boolean) => void }) {
  const cache = useQueryClient();
  const known = cache.getQueryData<Me>(keys.me);
  const form = useForm({
    initialValues: { email: known?.user.email ?? '', password: '' },
    validate: { email: rules.email, password: rules.password },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    const me = await identity.signIn(values);
    cache.setQueryData(keys.me, me);
    onDone(true);
  });
  return (
    <Dialog opened onClose={() => onDone(false)} title={m.identity.signInAgain}>
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <Text>{m.identity.signInAgainText}</Text>
          <TextInput label={m.identity.email} autoComplete="username" readOnly={known !== undefined} {...form.getInputProps('email')} />
          <PasswordInput
            label={m.identity.password}
            autoComplete="current-password"
            data-autofocus
            visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
            {...form.getInputProps('password')}
          />
          {problem && <ProblemView error={problem} />}
          <Group justify="flex-end">
            <Button type="submit" loading={busy}>
              {m.identity.signIn}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
