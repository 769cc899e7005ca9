import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { connections } from '@/api/connections';
import type { Connection } from '@/api/contract';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { ProblemView } from '@/parts/problem';
import { useWorkspace } from '@/parts/workspace';
import { isOwnKind } from '@/fields/connection/secret-fields';

interface Props {
  connection: Connection;
  onClose: () => void;
}

export function TestDialog({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Dialog opened={opened} onClose={props.onClose} title={m.connections.testTitle(props.connection.name)}>
      <Test {...props} />
    </Dialog>
  );
}

function Test({ connection, onClose }: Props) {
  const { id: workspace } = useWorkspace();
  const [url, setUrl] = useState('');
  // Where its service is, only the engine that keeps it knows.
  const remote = !isOwnKind(connection.kind);
  const test = useMutation({ mutationFn: () => connections.test(workspace, connection.id, url.trim() || undefined) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        test.mutate();
      }}
    >
      <Stack>
        {remote ? (
          <Text c="dimmed">{m.connections.testRemote}</Text>
        ) : (
          <TextInput
            label={m.connections.testUrl}
            description={m.connections.testHelp(connection.hosts.join(', '))}
            placeholder={`https://${connection.hosts[0] ?? ''}/`}
            type="url"
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
            data-autofocus
          />
        )}
        <div role="status">
          {test.data && (
            <Alert color={test.data.ok === false ? 'red' : test.data.ok ? 'accent' : 'gray'} title={m.connections.verdict(test.data.ok)}>
              {test.data.message}
            </Alert>
          )}
        </div>
        {test.error && <ProblemView error={test.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.close}
          </Button>
          <Button type="submit" loading={test.isPending}>
            {m.connections.test}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
