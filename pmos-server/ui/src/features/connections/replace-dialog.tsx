import { Button, Group, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { connections } from '@/api/connections';
import type { Connection, ConnectionKind } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';
import { NO_REMOTE_SECRET, RemoteSecretFields, remoteSecretErrors, remoteSecretOf, useCredentialForm } from '@/fields/connection/remote-secret';
import { isOwnKind, NO_SECRET, SecretFields, secretErrors, secretOf } from '@/fields/connection/secret-fields';

interface Props {
  connection: Connection;
  onClose: () => void;
}

/** A new secret in place of the old one, which cannot be read any more. */
export function ReplaceDialog({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Dialog opened={opened} onClose={props.onClose} title={m.connections.replaceTitle(props.connection.name)}>
      {isOwnKind(props.connection.kind) ? <Replace {...props} kind={props.connection.kind} /> : <ReplaceRemote {...props} />}
    </Dialog>
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

/** The same where a remote engine keeps it, in its own parts. */
function ReplaceRemote({ connection: { id, name, engine, kind }, onClose }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const asked = useCredentialForm(engine, kind);
  const form = useForm({
    initialValues: { secret: NO_REMOTE_SECRET },
    validate: (values) => remoteSecretErrors(asked.data, values.secret),
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    await connections.replaceSecret(workspace, id, remoteSecretOf(asked.data, values.secret));
    toastDone(m.connections.replaced(name));
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'connections') });
    onClose();
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text c="dimmed">{m.connections.replaceText}</Text>
        <RemoteSecretFields
          engine={engine}
          asked={asked}
          value={form.values.secret}
          onChange={(secret) => form.setFieldValue('secret', secret)}
          errors={form.errors}
        />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy || asked.isLoading}>
            {m.connections.replace}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
