import { Button, Group, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role } from '@/api/contract';
import { keys } from '@/api/keys';
import { workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { CopyText } from '@/parts/copy';
import { Dialog } from '@/parts/dialog';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';

const ROLES: Role[] = ['viewer', 'member', 'workspace_admin'];

/** An invitation, with the link that is shown only now. */
interface Made {
  link: string;
  email: string;
}

export function InviteDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [made, setMade] = useState<Made | null>(null);
  const close = () => {
    setMade(null);
    onClose();
  };
  return (
    <Dialog opened={opened} onClose={close} title={m.invitations.create} insists={made !== null}>
      <Invite onClose={close} made={made} onMade={setMade} />
    </Dialog>
  );
}

function Invite({ onClose, made, onMade }: { onClose: () => void; made: Made | null; onMade: (made: Made) => void }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { email: '', role: 'member' as Role },
    validate: { email: (value) => (/^[^\s@]+@[^\s@]+$/.test(value.trim()) ? null : m.identity.emailWrong) },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ email, role }) => {
    onMade(await workspaces.invite(workspace, { email: email.trim(), role }));
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'invitations') });
  });
  if (made) {
    return (
      <Stack>
        <Text>{m.invitations.made(made.email)}</Text>
        <CopyText value={made.link} label={m.invitations.link} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{m.app.done}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput label={m.identity.email} type="email" autoComplete="off" data-autofocus {...form.getInputProps('email')} />
        <Radio.Group label={m.members.role} {...form.getInputProps('role')}>
          <Stack gap="xs" mt={4}>
            {ROLES.map((role) => (
              <Radio key={role} value={role} label={m.role[role]} description={m.members.may[role]} />
            ))}
          </Stack>
        </Radio.Group>
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {m.invitations.action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
