import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { m } from '@/messages/en';
import { Dialog } from './dialog';
import { ProblemView } from './problem';
import { useSubmit } from './submit';

interface Props {
  title: string;
  name: string;
  onRename: (name: string) => Promise<unknown>;
  onClose: () => void;
}

export function RenameDialog({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Dialog opened={opened} onClose={props.onClose} title={props.title}>
      <Rename {...props} />
    </Dialog>
  );
}

function Rename({ name, onRename, onClose }: Props) {
  const form = useForm({ initialValues: { name }, validate: { name: (value) => (value.trim() ? null : m.app.nameMissing) } });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    await onRename(values.name.trim());
    onClose();
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <TextInput label={m.app.nameField} maxLength={100} data-autofocus {...form.getInputProps('name')} />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {m.app.rename}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
