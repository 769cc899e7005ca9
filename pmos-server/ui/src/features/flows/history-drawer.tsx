import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconGitMerge, IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { DoneEdit, Flow, HistoryEntry, Version } from '@/api/contract';
import { flows, historyQuery, versionsQuery } from '@/api/flows';
import { keys } from '@/api/keys';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { SidePanel } from '@/parts/dialog';
import { restores, takesBack, type Together, together, told, toldTogether, wordsOf, type Words } from '@/parts/edit-words';
import { Empty } from '@/parts/empty';
import { Loading } from '@/parts/page';
import { ProblemView, toastDone, toastProblem } from '@/parts/problem';
import { Sentences } from '@/parts/sentences';
import { Pill } from '@/parts/status';
import { More } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import { useAuthors } from './authors';
import type { Catalogue } from './catalogue';
import type { Editor } from './editor';
import classes from './history.module.css';
import { VersionEntry } from './version-entry';

interface Props {
  flow: Flow;
  editor: Editor;
  catalogue: Catalogue;
}

/** Everything that was done to the draft and every version that was made of it, by whom, and the way back. */
export function HistoryDrawer({ opened, onClose, ...props }: Props & { opened: boolean; onClose: () => void }) {
  return (
    <SidePanel opened={opened} onClose={onClose} size={480} title={m.history.title}>
      <History {...props} />
    </SidePanel>
  );
}

type Row = { at: string; entry: HistoryEntry; version?: never } | { at: string; version: Version; entry?: never };
type Told = { group: Together; version?: never } | { version: Version; group?: never };

/** Both lists by time, newest first; versions only as far back as the changes are known. */
function rowsOf(entries: HistoryEntry[], versions: Version[], whole: boolean): Row[] {
  const oldest = whole ? '' : (entries.at(-1)?.at ?? '');
  const known = versions.filter(({ at }) => at >= oldest);
  const rows: Row[] = [...entries.map((entry) => ({ at: entry.at, entry })), ...known.map((version) => ({ at: version.at, version }))];
  return rows.sort((a, b) => b.at.localeCompare(a.at));
}

/** The same with what was typed in one go put together, unless a version was made in between. */
function toldOf(rows: Row[], apart: (entry: HistoryEntry) => boolean): Told[] {
  const told: Told[] = [];
  let entries: HistoryEntry[] = [];
  const close = () => {
    told.push(...together(entries, apart).map((group) => ({ group })));
    entries = [];
  };
  for (const { entry, version } of rows) {
    if (entry) entries.push(entry);
    else {
      close();
      told.push({ version });
    }
  }
  close();
  return told;
}

function History({ flow, editor, catalogue }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const reason = useReason('flows.edit');
  const list = useInfiniteQuery(historyQuery(workspace, flow.id));
  const versions = useInfiniteQuery(versionsQuery(workspace, flow.id));
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [restoring, setRestoring] = useState<number | null>(null);
  const whoIs = useAuthors(workspace, flow.engine);
  const changed = (after: Flow) => {
    cache.setQueryData(keys.of(workspace, 'flow', flow.id), after);
    void cache.invalidateQueries({ queryKey: keys.of(workspace, 'history', flow.id) });
  };
  const undo = useMutation({
    mutationFn: async (entry: HistoryEntry) => {
      await editor.flush();
      return flows.undo(workspace, flow.id, entry.id);
    },
    onSuccess: (after) => {
      changed(after);
      toastDone(after.merged ? m.history.undoneMerged : m.history.undone);
    },
    onError: (error) => problemOf(error).code !== 'conflict' && toastProblem(error),
  });
  const restore = async (version: number) => {
    await editor.flush();
    changed(await flows.restore(workspace, flow.id, version));
    toastDone(version === flow.published?.version ? m.history.discarded : m.history.restored(version));
  };
  if (list.error && !list.data) return <ProblemView error={list.error} retry={list.refetch} />;
  if (versions.error && !versions.data) return <ProblemView error={versions.error} retry={versions.refetch} />;
  const entries = list.data;
  if (!entries || !versions.data) return <Loading rows={6} height={64} />;
  if (entries.length + versions.data.length === 0) return <Empty icon={IconHistory} title={m.history.none} text={m.history.noneText} />;
  const words = wordsOf(flow, catalogue, entries);
  const undone = new Set(entries.map(takesBack));
  const apart = (entry: HistoryEntry) => undone.has(entry.id);
  const live = flow.published?.version;
  return (
    <>
      {live !== undefined && flow.pending && (
        <Act reason={reason} variant="default" size="xs" mb="xs" onClick={() => setRestoring(live)}>
          {m.history.discard}
        </Act>
      )}
      <ol className={classes.list} aria-label={m.history.title}>
        {toldOf(rowsOf(entries, versions.data, !list.hasNextPage), apart).flatMap(({ group, version }) =>
          version ? (
            <VersionEntry
              key={`version ${version.version}`}
              flow={flow}
              version={version}
              words={words}
              by={whoIs(version.author)}
              reason={reason}
              onRestore={() => setRestoring(version.version)}
            />
          ) : group.length > 1 && !open.has(group[0].id) ? (
            <li key={group[0].id} className={classes.entry}>
              <div className={classes.head}>
                <Text fw={600} className={classes.author}>
                  {whoIs(group[0].author)}
                </Text>
                <Ago at={group[0].at} size="sm" c="dimmed" />
              </div>
              <Several group={group} words={words} onOpen={() => setOpen(new Set([...open, group[0].id]))} />
            </li>
          ) : (
            group.map((entry) => (
              <li key={entry.id} className={classes.entry}>
                <div className={classes.head}>
                  <Text fw={600} className={classes.author}>
                    {whoIs(entry.author)}
                  </Text>
                  <Ago at={entry.at} size="sm" c="dimmed" />
                </div>
                {entry.conflict ? (
                  <Conflict lost={told(entry.edits, words)} kept={keptBeside(entry, entries, words)} />
                ) : (
                  <Change
                    entry={entry}
                    entries={entries}
                    words={words}
                    whoIs={whoIs}
                    undone={undone.has(entry.id)}
                    reason={reason}
                    busy={undo.isPending && undo.variables?.id === entry.id}
                    onUndo={() => undo.mutate(entry)}
                    since={undo.isError && undo.variables?.id === entry.id ? since(undo.error) : null}
                  />
                )}
              </li>
            ))
          ),
        )}
      </ol>
      <More list={list} />
      <Confirm
        opened={restoring !== null}
        onClose={() => setRestoring(null)}
        title={restoring === live ? m.history.discardTitle : m.history.restoreTitle(restoring ?? 0)}
        action={restoring === live ? m.history.discard : m.history.restore}
        onConfirm={async () => restoring !== null && restore(restoring)}
      >
        {m.history.restoreText}
      </Confirm>
    </>
  );
}

/** What came after a change so that it cannot be taken back alone. */
const since = (error: Error): DoneEdit[] | null => {
  const { code, body } = problemOf(error);
  return code === 'conflict' && Array.isArray(body.theirs) ? (body.theirs as DoneEdit[]) : null;
};

interface ChangeProps {
  entry: HistoryEntry;
  entries: HistoryEntry[];
  words: Words;
  whoIs: (author: string) => string;
  undone: boolean;
  reason: string | null;
  busy: boolean;
  onUndo: () => void;
  since: DoneEdit[] | null;
}

function Change({ entry, entries, words, whoIs, undone, reason, busy, onUndo, since }: ChangeProps) {
  const back = takesBack(entry);
  const first = entries.find(({ id }) => id === back);
  const version = restores(entry);
  const sentences = told(entry.edits, words, entry.inverses);
  return (
    <>
      {(back || version) && (
        <Text size="sm" c="dimmed">
          {version ? m.history.takesBackVersion(version) : first ? m.history.takesBackOf(whoIs(first.author)) : m.history.takesBack}
        </Text>
      )}
      <Sentences sentences={sentences} />
      {entry.note && !back && !version && (
        <Text size="sm" c="dimmed">
          {entry.note}
        </Text>
      )}
      {since && (
        <Alert color="yellow" variant="light" icon={<IconGitMerge size={18} />} mt={8} py={8} role="status">
          <Text size="sm">{m.history.changedSince}</Text>
          <Sentences sentences={told(since, words)} />
        </Alert>
      )}
      {undone ? (
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
          loading={busy}
          onClick={onUndo}
          aria-label={m.history.undoOf(sentences[0] ?? '')}
        >
          {m.history.undo}
        </Act>
      )}
    </>
  );
}

/** What was typed in one go, told as one change; each of them can be taken back alone. */
function Several({ group, words, onOpen }: { group: Together; words: Words; onOpen: () => void }) {
  const sentences = toldTogether(group, words);
  return (
    <>
      <Sentences sentences={sentences} />
      <Group gap={8} className={classes.undo}>
        <Text size="xs" c="dimmed">
          {m.history.changes(group.length)}
        </Text>
        <Button size="compact-sm" variant="default" onClick={onOpen} aria-label={m.history.eachOf(sentences[0] ?? '')}>
          {m.history.each}
        </Button>
      </Group>
    </>
  );
}

/** What went into the draft with the same revision, so what stands in place of what is only kept. */
function keptBeside(lost: HistoryEntry, entries: HistoryEntry[], words: Words): string[] {
  return entries.filter(({ conflict, revision }) => !conflict && revision === lost.revision).flatMap(({ edits }) => told(edits, words));
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
