import { Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { identity } from '@/api/identity';
import { m } from '@/messages/en';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { Frame } from './frame';
import { rules, SHORTEST_PASSWORD } from './rules';

export function Reset() {
  const { token } = useParams({ from: '/reset/$token' });
  const navigate = useNavigate();
  const form = useForm({ initialValues: { password: '' }, validate: { password: rules.newPassword } });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ password }) => {
    await identity.reset(token, password);
    toastDone(m.identity.resetDone);
    await navigate({ to: '/sign-in', search: {} });
  });
  return (
    <Frame title={m.identity.newPassword} text={m.identity.resetText} foot={<Link to="/sign-in">{m.identity.backToSignIn}</Link>}>
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <PasswordInput
            label={m.identity.newPassword}
            description={m.identity.passwordHelp(SHORTEST_PASSWORD)}
            autoComplete="new-password"
            autoFocus
            visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
            {...form.getInputProps('password')}
          />
          {problem && <ProblemView error={problem} />}
          <Button type="submit" fullWidth loading={busy}>
            {m.identity.setPassword}
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}
