import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { connections } from '@/api/connections';
import type { Connection, ConnectionKind } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';
import { isOwnKind, NO_SECRET, SecretFields, secretErrors, secretOf } from './secret-fields';
import { NO_ROWS, rowsError, SecretRows, secretOfRows } from './secret-rows';

interface Props {
  connection: Connection;
  onClose: () => void;
}

/** A new secret in place of the old one, which cannot be read any more. */
export function ReplaceDialog({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Modal opened={opened} onClose={props.onClose} title={m.connections.replaceTitle(props.connection.name)} closeButtonProps={{ 'aria-label': m.app.close }}>
      {isOwnKind(props.connection.kind) ? <Replace {...props} kind={props.connection.kind} /> : <ReplaceRows {...props} />}
    </Modal>
  );
}

function Replace({ connection: { id, name }, kind, onClose }: Props & { kind: ConnectionKind }) {
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

/** The same where an engine outside keeps it, in its own parts. */
function ReplaceRows({ connection: { id, name }, onClose }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { secret: NO_ROWS },
    validate: (values) => (rowsError(values.secret) ? { secret: rowsError(values.secret) } : {}),
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    await connections.replaceSecret(workspace, id, secretOfRows(values.secret));
    toastDone(m.connections.replaced(name));
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'connections') });
    onClose();
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text c="dimmed">{m.connections.replaceText}</Text>
        <SecretRows rows={form.values.secret} onChange={(rows) => form.setFieldValue('secret', rows)} error={form.errors.secret as string | undefined} />
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
