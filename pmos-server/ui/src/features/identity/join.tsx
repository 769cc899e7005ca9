import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import type { InvitationOffer } from '@/api/contract';
import { identity, meQuery, offerQuery } from '@/api/identity';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ButtonLink } from '@/parts/link';
import { Loading } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useEnter } from './enter';
import { Frame } from './frame';
import { rules, SHORTEST_PASSWORD } from './rules';

/** What an invitation leads to: a new account, or one more workspace for the account one has. */
export function Join() {
  const { token } = useParams({ from: '/join/$token' });
  const offer = useQuery(offerQuery(token));
  const me = useQuery(meQuery);
  if (offer.error) {
    return (
      <Frame title={m.join.goneTitle} text={m.join.goneText} foot={<Link to="/">{m.missing.home}</Link>}>
        <ProblemView error={offer.error} />
      </Frame>
    );
  }
  if (!offer.data || me.isPending) {
    return (
      <Frame title={m.join.title}>
        <Loading rows={3} />
      </Frame>
    );
  }
  const { workspace, role, invited_by, email, account_exists } = offer.data;
  return (
    <Frame title={m.join.to(workspace.name)} text={m.join.text(invited_by, m.role[role].toLowerCase())}>
      {me.data?.user.email.toLowerCase() === email.toLowerCase() ? (
        <Accept token={token} offer={offer.data} />
      ) : me.data ? (
        <OtherAccount mine={me.data.user.email} theirs={email} />
      ) : account_exists ? (
        <Stack>
          <Text>{m.join.signInFirst(email)}</Text>
          <ButtonLink to="/sign-in" search={{ next: `/join/${token}` }} fullWidth>
            {m.identity.signIn}
          </ButtonLink>
        </Stack>
      ) : (
        <NewAccount token={token} email={email} />
      )}
    </Frame>
  );
}

function Accept({ token, offer }: { token: string; offer: InvitationOffer }) {
  const cache = useQueryClient();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: () => identity.accept(token),
    onSuccess: async () => {
      await cache.fetchQuery({ ...meQuery, staleTime: 0 });
      await navigate({ to: '/w/$workspace', params: { workspace: offer.workspace.id } });
    },
  });
  return (
    <Stack>
      {accept.error && <ProblemView error={accept.error} />}
      <Button fullWidth loading={accept.isPending} onClick={() => accept.mutate()}>
        {m.join.accept}
      </Button>
    </Stack>
  );
}

function OtherAccount({ mine, theirs }: { mine: string; theirs: string }) {
  const cache = useQueryClient();
  const leave = useMutation({
    mutationFn: identity.signOut,
    onSuccess: () => cache.resetQueries({ queryKey: keys.me, exact: true }),
  });
  return (
    <Stack>
      <Text>{m.join.otherAccount(mine, theirs)}</Text>
      {leave.error && <ProblemView error={leave.error} />}
      <Button fullWidth variant="default" loading={leave.isPending} onClick={() => leave.mutate()}>
        {m.nav.signOut}
      </Button>
    </Stack>
  );
}

function NewAccount({ token, email }: { token: string; email: string }) {
  const enter = useEnter();
  const form = useForm({
    initialValues: { name: '', email, password: '' },
    validate: { name: rules.name, password: rules.newPassword },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) =>
    enter(await identity.signUp({ ...values, invitation: token })),
  );
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput label={m.identity.email} type="email" autoComplete="username" readOnly {...form.getInputProps('email')} />
        <TextInput label={m.identity.name} autoComplete="name" autoFocus {...form.getInputProps('name')} />
        <PasswordInput
          label={m.identity.password}
          description={m.identity.passwordHelp(SHORTEST_PASSWORD)}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
          {...form.getInputProps('password')}
        />
        {problem && <ProblemView error={problem} />}
        <Button type="submit" fullWidth loading={busy}>
          {m.join.create}
        </Button>
      </Stack>
    </form>
  );
}
