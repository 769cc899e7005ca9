import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { DoneEdit, Flow, HistoryEntry } from '@/api/contract';
import { flowQuery } from '@/api/flows';
import type { Problem } from '@/api/problem';
import { m } from '@/messages/en';
import { shown, told, wordsOf } from '@/parts/edit-words';
import { toastProblem } from '@/parts/problem';
import { Table } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useAuthors } from './authors';
import type { Catalogue } from './catalogue';
import { bothOf } from './conflict';
import type { Editor } from './editor';

interface Props {
  workspace: string;
  flow: Flow;
  problem: Problem;
  editor: Editor;
  catalogue: Catalogue;
}

/** The same things were changed elsewhere meanwhile: nothing is overwritten before a person has decided. */
export function ConflictBanner({ workspace, flow, problem, editor, catalogue }: Props) {
  const cache = useQueryClient();
  const whoIs = useAuthors(workspace, flow.engine);
  const decide = useMutation({
    mutationFn: async (mine: boolean) => {
      const current = await cache.fetchQuery({ ...flowQuery(workspace, flow.id), staleTime: 0 });
      await (mine ? editor.keepMine(current) : editor.takeTheirs(current));
    },
    onError: toastProblem,
  });
  const words = wordsOf(flow, catalogue, []);
  const [theirs, mine] = [listOf<DoneEdit>(problem.body.theirs), listOf<DoneEdit>(problem.body.mine)];
  const { rows, rest } = bothOf(theirs, mine, words);
  const since = listOf<HistoryEntry>(problem.body.since);
  const last = since.at(-1);
  const alone = since.length > 0 && since.every(({ author }) => whoIs(author) === m.history.you);
  const people = [...new Set(since.map(({ author }) => whoIs(author)))].join(', ');
  const others = told(rest, words);
  return (
    <Alert color="red" icon={<IconGitMerge size={20} />} title={m.conflict.title} role="alert">
      <Stack gap="sm">
        <Text>
          {last && (
            <>
              {alone ? m.conflict.otherTab : m.conflict.changed(people)} <Ago at={last.at} span inherit />.{' '}
            </>
          )}
          {m.conflict.text}
        </Text>
        {rows.length > 0 && (
          <Table
            label={m.conflict.title}
            rows={rows}
            rowKey={({ place }) => place}
            columns={[
              { key: 'place', head: m.conflict.what, cell: ({ place }) => place },
              { key: 'theirs', head: m.conflict.there, grow: true, cell: (row) => (row.theirs === undefined ? m.conflict.nothing : shown(row.theirs)) },
              { key: 'mine', head: m.conflict.mine, grow: true, cell: (row) => (row.mine === undefined ? m.conflict.nothing : shown(row.mine)) },
            ]}
          />
        )}
        {others.length > 0 && (
          <div>
            <Text fw={600} size="sm">
              {m.conflict.also}
            </Text>
            {others.slice(0, 6).map((sentence) => (
              <Text key={sentence} size="sm">
                {sentence}
              </Text>
            ))}
          </div>
        )}
        <Group gap="xs">
          <Button variant="default" size="xs" loading={decide.isPending} onClick={() => decide.mutate(false)}>
            {alone ? m.conflict.takeOther : m.conflict.takeTheirs}
          </Button>
          <Button size="xs" color="red" loading={decide.isPending} onClick={() => decide.mutate(true)}>
            {alone ? m.conflict.keepThis : m.conflict.keepMine}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

const listOf = <T,>(value: unknown) => (Array.isArray(value) ? (value as T[]) : []);
