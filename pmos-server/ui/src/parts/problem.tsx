import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';

/** A failure in place: what happened, the id to give to an operator, and another try. */
export function ProblemView({ error, retry }: { error: unknown; retry?: () => unknown }) {
  const problem = problemOf(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={20} />} title={heading(problem.status)} role="alert">
      <Stack gap={8}>
        <Text>{problem.status === 404 ? m.problem.notFound : problem.message}</Text>
        {problem.retryAfter !== null && <Text>{m.problem.wait(problem.retryAfter)}</Text>}
        {(retry || problem.requestId) && (
          <Group gap="md">
            {retry && (
              <Button size="xs" variant="default" onClick={() => retry()}>
                {m.app.retry}
              </Button>
            )}
            {problem.requestId && problem.status >= 500 && (
              <Text size="xs" c="dimmed">
                {m.problem.request(problem.requestId)}
              </Text>
            )}
          </Group>
        )}
      </Stack>
    </Alert>
  );
}

function heading(status: number): string {
  if (status === 0) return m.problem.headOffline;
  if (status === 202) return m.problem.headParked;
  if (status === 404) return m.problem.headNotFound;
  if (status === 403) return m.problem.headForbidden;
  if (status === 429) return m.problem.headLimited;
  return status >= 500 ? m.problem.headServer : m.problem.headRefused;
}

const CLOSE = { closeButtonProps: { 'aria-label': m.app.close } };

/** A failure as a toast, for acts whose place is gone or small. */
export function toastProblem(error: unknown) {
  const problem = problemOf(error);
  const wait = problem.retryAfter === null ? '' : ` ${m.problem.wait(problem.retryAfter)}`;
  notifications.show({ ...CLOSE, color: 'red', title: heading(problem.status), message: problem.message + wait, autoClose: 8000 });
}

export function toastDone(message: string) {
  notifications.show({ ...CLOSE, message, color: 'accent', autoClose: 3500 });
}

/** Something is done that can be taken back for a while. */
export function toastUndo(message: string, undo: () => unknown) {
  const id = notifications.show({
    ...CLOSE,
    message: (
      <Group justify="space-between" wrap="nowrap">
        {message}
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          {m.app.undo}
        </Button>
      </Group>
    ),
    color: 'accent',
    autoClose: 10_000,
  });
}
