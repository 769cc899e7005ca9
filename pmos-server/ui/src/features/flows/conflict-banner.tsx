import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Flow, FlowEdit } from '@/api/contract';
import { flowQuery } from '@/api/flows';
import type { Problem } from '@/api/problem';
import { m } from '@/messages/en';
import { toastProblem } from '@/parts/problem';
import type { Editor } from './editor';

/** Another person changed the same things meanwhile: nothing is overwritten before a person has decided. */
export function ConflictBanner({
  workspace,
  flow,
  problem,
  editor,
}: {
  workspace: string;
  flow: string;
  problem: Problem;
  editor: Editor;
}) {
  const cache = useQueryClient();
  const decide = useMutation({
    mutationFn: async (mine: boolean) => {
      const current = await cache.fetchQuery({ ...flowQuery(workspace, flow), staleTime: 0 });
      await (mine ? editor.keepMine(current) : editor.takeTheirs(current));
    },
    onError: toastProblem,
  });
  const { steps } = editor.snapshot().flow.draft;
  return (
    <Alert color="red" icon={<IconGitMerge size={20} />} title={m.conflict.title} role="alert">
      <Stack gap="sm">
        <Text>{m.conflict.text}</Text>
        <Side title={m.conflict.theirs} edits={editsOf(problem.body.theirs)} steps={steps} />
        <Side title={m.conflict.mine} edits={editsOf(problem.body.mine)} steps={steps} />
        <Group gap="xs">
          <Button variant="default" size="xs" loading={decide.isPending} onClick={() => decide.mutate(false)}>
            {m.conflict.takeTheirs}
          </Button>
          <Button size="xs" color="red" loading={decide.isPending} onClick={() => decide.mutate(true)}>
            {m.conflict.keepMine}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

const editsOf = (value: unknown) => (Array.isArray(value) ? (value as FlowEdit[]) : []);

function Side({ title, edits, steps }: { title: string; edits: FlowEdit[]; steps: Flow['draft']['steps'] }) {
  if (edits.length === 0) return null;
  return (
    <div>
      <Text fw={600} size="sm">
        {title}
      </Text>
      {edits.slice(0, 6).map((edit, at) => (
        <Text key={at} size="sm">
          {m.conflict.edit(edit.op, 'id' in edit ? (steps.find(({ id }) => id === edit.id)?.name ?? edit.id) : undefined)}
        </Text>
      ))}
    </div>
  );
}
