import { Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconGitMerge, IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Flow, HistoryEntry } from '@/api/contract';
import { flows, historyQuery } from '@/api/flows';
import { meQuery } from '@/api/identity';
import { keys } from '@/api/keys';
import { membersQuery } from '@/api/workspaces';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { SidePanel } from '@/parts/dialog';
import { Empty } from '@/parts/empty';
import { useEngines } from '@/parts/engine';
import { Loading } from '@/parts/page';
import { ProblemView, toastDone, toastProblem } from '@/parts/problem';
import { Pill } from '@/parts/status';
import { More } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import type { Editor } from './editor';
import classes from './history.module.css';
import { namesOf, takesBack, told } from './history-words';

interface Props {
  flow: Flow;
  editor: Editor;
}

/** Everything that was done to the draft, by whom, and the way back. */
export function HistoryDrawer({ opened, onClose, ...props }: Props & { opened: boolean; onClose: () => void }) {
  return (
    <SidePanel opened={opened} onClose={onClose} size={480} title={m.history.title}>
      <History {...props} />
    </SidePanel>
  );
}

function History({ flow, editor }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const reason = useReason('flows.edit');
  const list = useInfiniteQuery(historyQuery(workspace, flow.id));
  const whoIs = useAuthors(workspace, flow.engine);
  const undo = useMutation({
    mutationFn: async (entry: HistoryEntry) => {
      await editor.flush();
      return flows.undo(workspace, flow.id, entry.id);
    },
    onSuccess: (after) => {
      cache.setQueryData(keys.of(workspace, 'flow', flow.id), after);
      void cache.invalidateQueries({ queryKey: keys.of(workspace, 'history', flow.id) });
      toastDone(after.merged ? m.history.undoneMerged : m.history.undone);
    },
    onError: toastProblem,
  });
  if (list.error && !list.data) return <ProblemView error={list.error} retry={list.refetch} />;
  const entries = list.data;
  if (!entries) return <Loading rows={6} height={64} />;
  if (entries.length === 0) return <Empty icon={IconHistory} title={m.history.none} text={m.history.noneText} />;
  const nameOf = namesOf(flow.draft.steps, entries);
  const undone = new Set(entries.map(takesBack));
  return (
    <>
      <ol className={classes.list} aria-label={m.history.title}>
        {entries.map((entry) => {
          const back = takesBack(entry);
          const first = entries.find(({ id }) => id === back);
          const sentences = told(entry.edits, nameOf);
          return (
            <li key={entry.id} className={classes.entry}>
              <div className={classes.head}>
                <Text fw={600} className={classes.author}>
                  {whoIs(entry.author)}
                </Text>
                <Ago at={entry.at} size="sm" c="dimmed" />
              </div>
              {entry.conflict ? (
                <Conflict lost={sentences} kept={keptBeside(entry, entries, nameOf)} />
              ) : (
                <>
                  {back && (
                    <Text size="sm" c="dimmed">
                      {first ? m.history.takesBackOf(whoIs(first.author)) : m.history.takesBack}
                    </Text>
                  )}
                  <Sentences sentences={sentences} />
                  {entry.note && !back && (
                    <Text size="sm" c="dimmed">
                      {entry.note}
                    </Text>
                  )}
                  {undone.has(entry.id) ? (
                    <Text size="xs" c="dimmed">
                      {m.history.wasUndone}
                    </Text>
                  ) : (
                    <Act
                      reason={reason}
                      variant="default"
                      size="compact-sm"
                      leftSection={<IconArrowBackUp size={16} stroke={1.75} />}
                      className={classes.undo}
                      loading={undo.isPending && undo.variables?.id === entry.id}
                      onClick={() => undo.mutate(entry)}
                      aria-label={m.history.undoOf(sentences[0] ?? '')}
                    >
                      {m.history.undo}
                    </Act>
                  )}
                </>
              )}
            </li>
          );
        })}
      </ol>
      <More list={list} />
    </>
  );
}

/** What went into the draft with the same revision, so what stands in place of what is only kept. */
function keptBeside(lost: HistoryEntry, entries: HistoryEntry[], nameOf: (id: string) => string): string[] {
  return entries.filter(({ conflict, revision }) => !conflict && revision === lost.revision).flatMap(({ edits }) => told(edits, nameOf));
}

/** Two changes of the same thing: what stands, and what is only kept here. */
function Conflict({ lost, kept }: { lost: string[]; kept: string[] }) {
  return (
    <Stack gap={8} mt={4}>
      <span>
        <Pill tone="warn" icon={IconGitMerge} children={m.history.conflict} />
      </span>
      <Side title={m.history.lost} sentences={lost} />
      {kept.length > 0 && <Side title={m.history.stands} sentences={kept} />}
      <Text size="xs" c="dimmed">
        {m.history.conflictHelp}
      </Text>
    </Stack>
  );
}

function Side({ title, sentences }: { title: string; sentences: string[] }) {
  return (
    <div>
      <Text size="xs" c="dimmed" fw={550}>
        {title}
      </Text>
      <Sentences sentences={sentences} />
    </div>
  );
}

const SHOWN = 6;

function Sentences({ sentences }: { sentences: string[] }) {
  return (
    <ul className={classes.sentences}>
      {sentences.slice(0, SHOWN).map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
      {sentences.length > SHOWN && <li>{m.publish.moreIssues(sentences.length - SHOWN)}</li>}
    </ul>
  );
}

/** Who made a change, by name where the workspace knows it. */
function useAuthors(workspace: string, engine: string): (author: string) => string {
  const me = useQuery(meQuery);
  const members = useQuery(membersQuery(workspace));
  const { titleOf } = useEngines();
  return (author) => {
    if (author === 'outside') return m.history.externalEditor(titleOf(engine));
    if (author === me.data?.user.id) return m.history.you;
    const member = members.data?.find(({ user }) => user === author);
    if (member) return member.name;
    return author.startsWith('key_') ? m.history.key : author.startsWith('usr_') ? m.history.formerMember : m.history.system;
  };
}
