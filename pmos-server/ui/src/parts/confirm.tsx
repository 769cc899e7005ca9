import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { m } from '@/messages/en';
import { Dialog } from './dialog';
import { ProblemView } from './problem';

/** Asks before something is lost. The question names what goes, the button says what it does. */
export function Confirm({
  opened,
  onClose,
  title,
  children,
  action,
  onConfirm,
  typed,
}: {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  action: string;
  onConfirm: () => Promise<unknown>;
  /** A name that has to be typed first. */
  typed?: string;
}) {
  return (
    <Dialog opened={opened} onClose={onClose} title={title}>
      <Question onClose={onClose} action={action} onConfirm={onConfirm} typed={typed}>
        {children}
      </Question>
    </Dialog>
  );
}

function Question({
  onClose,
  children,
  action,
  onConfirm,
  typed,
}: {
  onClose: () => void;
  children: ReactNode;
  action: string;
  onConfirm: () => Promise<unknown>;
  typed?: string;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [text, setText] = useState('');
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack>
      <Text component="div">{children}</Text>
      {typed && (
        <TextInput label={m.app.typeName(typed)} value={text} onChange={(event) => setText(event.currentTarget.value)} data-autofocus />
      )}
      {error !== null && <ProblemView error={error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {m.app.cancel}
        </Button>
        <Button color="red" loading={busy} disabled={typed !== undefined && text !== typed} onClick={confirm}>
          {action}
        </Button>
      </Group>
    </Stack>
  );
}
