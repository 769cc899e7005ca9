import { Alert, Button, Checkbox, Group, MultiSelect, Select, Stack, TextInput, Tooltip } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { keys } from '@/api/keys';
import { workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { CopyText } from '@/parts/copy';
import { Dialog } from '@/parts/dialog';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useReason, useWorkspace } from '@/parts/workspace';

const SCOPES = Object.entries(m.keys.scope).map(([value, label]) => ({ value, label }));
const DAY_MS = 86_400_000;

export function CreateDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setSecret(null);
    onClose();
  };
  return (
    <Dialog opened={opened} onClose={close} title={m.keys.create} closeOnClickOutside={false} insists={secret !== null}>
      <Create onClose={close} secret={secret} onCreated={setSecret} />
    </Dialog>
  );
}

function Create({ onClose, secret, onCreated }: { onClose: () => void; secret: string | null; onCreated: (secret: string) => void }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const service = useReason('api_keys.create_service');
  const form = useForm({
    initialValues: { name: '', scopes: ['flows.*', 'runs.*'], days: '90', service: false },
    validate: {
      name: (value) => (value.trim() ? null : m.app.nameMissing),
      scopes: (value) => (value.length > 0 ? null : m.keys.scopesMissing),
    },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    const made = await workspaces.createKey(workspace, {
      name: values.name.trim(),
      scopes: values.scopes,
      ...(values.days === 'never' ? {} : { expires_at: new Date(Date.now() + Number(values.days) * DAY_MS).toISOString() }),
      ...(values.service ? { service: true } : {}),
    });
    onCreated(made.secret);
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'api-keys') });
  });
  if (secret) {
    return (
      <Stack>
        <Alert color="accent" title={m.keys.once}>
          {m.keys.onceText}
        </Alert>
        <CopyText value={secret} label={m.keys.secret} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{m.keys.kept}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput label={m.app.nameField} placeholder={m.keys.namePlaceholder} maxLength={100} data-autofocus {...form.getInputProps('name')} />
        <MultiSelect label={m.keys.scopes} description={m.keys.scopesHelp} data={SCOPES} {...form.getInputProps('scopes')} />
        <Select label={m.keys.lasts} data={Object.entries(m.keys.days).map(([value, label]) => ({ value, label }))} {...form.getInputProps('days')} />
        <Tooltip label={service} disabled={!service}>
          <Checkbox
            label={m.keys.service}
            description={service ?? m.keys.serviceHelp}
            disabled={service !== null}
            {...form.getInputProps('service', { type: 'checkbox' })}
          />
        </Tooltip>
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {m.keys.createAction}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
