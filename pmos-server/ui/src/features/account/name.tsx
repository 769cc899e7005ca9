import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { identity, meQuery } from '@/api/identity';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Section } from '@/parts/page';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';

export function Name() {
  const { data: me } = useSuspenseQuery(meQuery);
  const cache = useQueryClient();
  const form = useForm({ initialValues: { name: me.user.name }, validate: { name: (value) => (value.trim() ? null : m.identity.nameMissing) } });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ name }) => {
    cache.setQueryData(keys.me, await identity.rename(name.trim()));
    toastDone(m.account.renamed);
    form.resetDirty();
  });
  return (
    <Section title={m.account.you}>
      <form onSubmit={onSubmit} noValidate>
        <Stack maw={420}>
          <TextInput label={m.identity.name} autoComplete="name" maxLength={100} {...form.getInputProps('name')} />
          <TextInput label={m.identity.email} value={me.user.email} readOnly description={m.account.emailFixed} />
          {problem && <ProblemView error={problem} />}
          <Group>
            <Button type="submit" variant="default" loading={busy}>
              {m.account.saveName}
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
