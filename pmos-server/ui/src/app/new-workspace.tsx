import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keys } from '@/api/keys';
import { workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { ProblemView } from '@/parts/problem';

export default function NewWorkspace({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const cache = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => workspaces.create(name.trim()),
    onSuccess: async ({ id }) => {
      await cache.invalidateQueries({ queryKey: keys.me, exact: true });
      onClose();
      await navigate({ to: '/w/$workspace', params: { workspace: id } });
    },
  });
  return (
    <Dialog opened onClose={onClose} title={m.nav.newWorkspace}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Stack>
          <TextInput
            label={m.settings.name}
            description={m.nav.newWorkspaceHelp}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={100}
            required
            data-autofocus
          />
          {create.error && <ProblemView error={create.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
              {m.nav.createWorkspace}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
