import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { bootstrapQuery, identity } from '@/api/identity';
import { m } from '@/messages/en';
import { TextLink } from '@/parts/link';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useEnter } from './enter';
import { Frame } from './frame';
import { rules } from './rules';

export function SignIn() {
  const { next } = useSearch({ from: '/sign-in' });
  const { data: bootstrap } = useQuery(bootstrapQuery);
  const enter = useEnter();
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: { email: rules.email, password: rules.password },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => enter(await identity.signIn(values), next));
  return (
    <Frame
      title={m.identity.signIn}
      text={next && next !== '/' ? m.identity.signInReturn : undefined}
      foot={
        bootstrap?.sign_up === 'open' ? (
          <>
            {m.identity.noAccount} <Link to="/sign-up">{m.identity.signUp}</Link>
          </>
        ) : undefined
      }
    >
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <TextInput label={m.identity.email} type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
          <PasswordInput
            label={m.identity.password}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
            {...form.getInputProps('password')}
          />
          {problem && <ProblemView error={problem} />}
          <Button type="submit" fullWidth loading={busy}>
            {m.identity.signIn}
          </Button>
          <TextLink to="/reset" size="sm" ta="center">
            {m.identity.forgot}
          </TextLink>
        </Stack>
      </form>
    </Frame>
  );
}
