import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { connections } from '@/api/connections';
import type { Connection } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';
import { NO_SECRET, SecretFields, secretErrors, secretOf } from './secret-fields';

interface Props {
  connection: Connection;
  onClose: () => void;
}

/** A new secret in place of the old one, which cannot be read any more. */
export function ReplaceDialog({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Modal opened={opened} onClose={props.onClose} title={m.connections.replaceTitle(props.connection.name)} closeButtonProps={{ 'aria-label': m.app.close }}>
      <Replace {...props} />
    </Modal>
  );
}

function Replace({ connection: { id, kind, name }, onClose }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const form = useForm({ initialValues: NO_SECRET, validate: (values) => secretErrors(kind, values) });
  const { onSubmit, problem, busy } = useSubmit<typeof NO_SECRET & Record<string, unknown>>(form as never, async (values) => {
    await connections.replaceSecret(workspace, id, secretOf(kind, values));
    toastDone(m.connections.replaced(name));
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'connections') });
    onClose();
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text c="dimmed">{m.connections.replaceText}</Text>
        <SecretFields kind={kind} form={form} />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {m.connections.replace}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
