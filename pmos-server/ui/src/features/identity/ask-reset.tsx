import { Alert, Button, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { identity } from '@/api/identity';
import { m } from '@/messages/en';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { Frame } from './frame';
import { rules } from './rules';

export function AskReset() {
  const [sent, setSent] = useState<string | null>(null);
  const form = useForm({ initialValues: { email: '' }, validate: { email: rules.email } });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ email }) => {
    setSent((await identity.askReset(email)).detail);
  });
  return (
    <Frame title={m.identity.forgotTitle} text={m.identity.forgotText} foot={<Link to="/sign-in">{m.identity.backToSignIn}</Link>}>
      {sent !== null ? (
        <Alert color="accent" title={m.identity.resetAsked}>
          {sent}
        </Alert>
      ) : (
        <form onSubmit={onSubmit} noValidate>
          <Stack>
            <TextInput label={m.identity.email} type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
            {problem && <ProblemView error={problem} />}
            <Button type="submit" fullWidth loading={busy}>
              {m.identity.askReset}
            </Button>
          </Stack>
        </form>
      )}
    </Frame>
  );
}
