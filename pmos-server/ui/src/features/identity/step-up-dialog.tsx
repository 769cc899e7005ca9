import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { identity } from '@/api/identity';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { ProblemView } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { rules } from './rules';

/** Some acts ask for the password once more; then they go on by themselves. */
export default function StepUpDialog({ onDone }: { onDone: (granted: boolean) => void }) {
  const form = useForm({ initialValues: { password: '' }, validate: { password: rules.password } });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ password }) => {
    await identity.stepUp(password);
    onDone(true);
  });
  return (
    <Dialog opened onClose={() => onDone(false)} title={m.identity.stepUp} zIndex={400}>
      <form onSubmit={onSubmit} noValidate>
        <Stack>
          <Text>{m.identity.stepUpText}</Text>
          <PasswordInput
            label={m.identity.password}
            autoComplete="current-password"
            data-autofocus
            visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
            {...form.getInputProps('password')}
          />
          {problem && <ProblemView error={problem} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => onDone(false)}>
              {m.app.cancel}
            </Button>
            <Button type="submit" loading={busy}>
              {m.app.continue}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
