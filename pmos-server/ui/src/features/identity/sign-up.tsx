import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconMail } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { bootstrapQuery, identity } from '@/api/identity';
import { m } from '@/messages/en';
import { Empty } from '@/parts/empty';
import { Loading } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useEnter } from './enter';
import { Frame } from './frame';
import { rules, SHORTEST_PASSWORD } from './rules';

export function SignUp() {
  const bootstrap = useQuery(bootstrapQuery);
  const foot = (
    <>
      {m.identity.haveAccount} <Link to="/sign-in">{m.identity.signIn}</Link>
    </>
  );
  if (bootstrap.error) {
    return (
      <Frame title={m.identity.signUp} foot={foot}>
        <ProblemView error={bootstrap.error} retry={bootstrap.refetch} />
      </Frame>
    );
  }
  if (!bootstrap.data) {
    return (
      <Frame title={m.identity.signUp} foot={foot}>
        <Loading rows={4} />
      </Frame>
    );
  }
  const { first, sign_up, setup_code_required } = bootstrap.data;
  if (!first && sign_up === 'invitation') {
    return (
      <Frame title={m.identity.signUp} foot={foot}>
        <Empty icon={IconMail} title={m.identity.closed} text={m.identity.closedText} />
      </Frame>
    );
  }
  return (
    <Frame title={m.identity.signUp} text={first ? m.identity.firstText : m.identity.signUpText} foot={first ? undefined : foot}>
      <SignUpForm withCode={setup_code_required} />
    </Frame>
  );
}

function SignUpForm({ withCode }: { withCode: boolean }) {
  const enter = useEnter();
  const form = useForm({
    initialValues: { name: '', email: '', password: '', workspace_name: '', setup_code: '' },
    validate: {
      name: rules.name,
      email: rules.email,
      password: rules.newPassword,
      setup_code: (value) => (withCode && !value.trim() ? m.identity.codeMissing : null),
    },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ workspace_name, setup_code, ...values }) =>
    enter(
      await identity.signUp({
        ...values,
        ...(workspace_name.trim() ? { workspace_name: workspace_name.trim() } : {}),
        ...(withCode ? { setup_code: setup_code.trim() } : {}),
      }),
    ),
  );
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput label={m.identity.name} autoComplete="name" autoFocus {...form.getInputProps('name')} />
        <TextInput label={m.identity.email} type="email" autoComplete="username" {...form.getInputProps('email')} />
        <PasswordInput
          label={m.identity.password}
          description={m.identity.passwordHelp(SHORTEST_PASSWORD)}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
          {...form.getInputProps('password')}
        />
        <TextInput label={m.identity.workspaceName} description={m.identity.workspaceHelp} {...form.getInputProps('workspace_name')} />
        {withCode && (
          <TextInput label={m.identity.setupCode} description={m.identity.setupCodeHelp} autoComplete="off" {...form.getInputProps('setup_code')} />
        )}
        {problem && <ProblemView error={problem} />}
        <Button type="submit" fullWidth loading={busy}>
          {m.identity.createAccount}
        </Button>
      </Stack>
    </form>
  );
}
