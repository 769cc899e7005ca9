import { Button, Group, Modal, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { connections } from '@/api/connections';
import type { ConnectionKind } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';
import { NO_SECRET, SecretFields, secretErrors, secretOf } from './secret-fields';

const KINDS: ConnectionKind[] = ['bearer', 'basic', 'header', 'query'];

export function CreateDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={m.connections.createTitle} closeButtonProps={{ 'aria-label': m.app.close }}>
      <Create onClose={onClose} />
    </Modal>
  );
}

function Create({ onClose }: { onClose: () => void }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { name: '', kind: 'bearer' as ConnectionKind, hosts: [] as string[], ...NO_SECRET },
    validate: (values) => ({
      ...(values.name.trim() ? {} : { name: m.app.nameMissing }),
      ...(values.hosts.length > 0 ? {} : { hosts: m.connections.hostsMissing }),
      ...secretErrors(values.kind, values),
    }),
  });
  const { kind } = form.values;
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    await connections.create(workspace, { kind, name: values.name.trim(), hosts: values.hosts, secret: secretOf(kind, values) });
    toastDone(m.connections.created(values.name.trim()));
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'connections') });
    onClose();
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput label={m.app.nameField} placeholder={m.connections.namePlaceholder} maxLength={100} data-autofocus {...form.getInputProps('name')} />
        <Select
          label={m.connections.kind}
          description={m.connections.kindHelp[kind]}
          data={KINDS.map((value) => ({ value, label: m.connections.kinds[value] }))}
          {...form.getInputProps('kind')}
        />
        <SecretFields kind={kind} form={form} />
        <TagsInput
          label={m.connections.hosts}
          description={m.connections.hostsHelp}
          placeholder={form.values.hosts.length === 0 ? m.connections.hostExample : undefined}
          acceptValueOnBlur
          splitChars={[',', ' ']}
          {...form.getInputProps('hosts')}
        />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {m.connections.createAction}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
