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
  const [tried, setTried] = useState(false);
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
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) create.mutate();
          else setTried(true);
        }}
      >
        <Stack>
          <TextInput
            label={m.settings.name}
            description={m.nav.newWorkspaceHelp}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={100}
            error={tried && !name.trim() && m.app.nameMissing}
            required
            data-autofocus
          />
          {create.error && <ProblemView error={create.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {m.app.cancel}
            </Button>
            <Button type="submit" loading={create.isPending}>
              {m.nav.createWorkspace}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
