import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle, IconRocket } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Flow } from '@/api/contract';
import { flows } from '@/api/flows';
import { keys } from '@/api/keys';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { ProblemView, toastDone } from '@/parts/problem';
import { useReason, useWorkspace } from '@/parts/workspace';
import type { Catalogue } from './catalogue';
import type { Editor, EditorState } from './editor';
import classes from './flows.module.css';
import { IssueList } from './issue-list';
import { issuesOf } from './refused';

/**
 * What stands between the draft and the live automation. It is always there and always as high, so that what is typed below
 * it keeps its place.
 */
export function PublishBar({
  flow,
  editor,
  state: { saving, notSaved, open, conflict },
  onIssue,
  catalogue,
}: {
  flow: Flow;
  editor: Editor;
  state: EditorState;
  onIssue: (step: string, field: string | undefined) => void;
  catalogue: Catalogue;
}) {
  const { id: workspace } = useWorkspace();
  const right = useReason('flows.publish');
  const cache = useQueryClient();
  const publish = useMutation({
    mutationFn: async () => {
      await editor.flush();
      return flows.publish(workspace, flow.id);
    },
    onSuccess: (published) => {
      cache.setQueryData(keys.of(workspace, 'flow', flow.id), published);
      toastDone(m.publish.done(published.name, published.published?.version ?? 1));
      void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'flows') });
      void cache.invalidateQueries({ queryKey: keys.of(workspace, 'versions', flow.id) });
      void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'dashboard') });
    },
    onError: (error) => editor.notPublished(issuesOf(problemOf(error))),
  });
  const { revision, issues, published } = flow;
  const { reset } = publish;
  // What was refused once may pass as it is now.
  useEffect(reset, [revision, reset]);
  const changed = !published || flow.pending || saving !== 'saved';
  const look = issues.length > 0 ? 'blocked' : changed ? 'changed' : 'live';
  const Icon = { blocked: IconAlertTriangle, changed: IconInfoCircle, live: IconCircleCheck }[look];
  const reason =
    right ??
    (conflict ? m.editor.decideFirst : notSaved.length > 0 ? m.publish.notSaved(notSaved.length) : open > 0 ? m.publish.blocked(open) : null);
  return (
    <>
      <section className={classes.publish} data-look={look} aria-label={m.publish.bar}>
        <span className={classes.publishIcon} aria-hidden>
          <Icon size={20} stroke={1.75} />
        </span>
        <div className={classes.publishText}>
          <Text fw={600}>{!published ? m.publish.draft : changed ? m.publish.pending : m.publish.live(published.version, flow.enabled)}</Text>
          <Text size="sm" c="dimmed">
            {!published ? m.publish.draftText : changed ? m.publish.pendingText(published.version) : m.publish.liveText}
          </Text>
        </div>
        {issues.length > 0 && <IssueList flow={flow} catalogue={catalogue} onIssue={onIssue} refused={publish.isError} />}
        {(changed || issues.length > 0) && (
          <Act reason={reason} leftSection={<IconRocket size={18} stroke={1.75} />} loading={publish.isPending} onClick={() => publish.mutate()}>
            {m.publish.action}
          </Act>
        )}
      </section>
      {publish.error && issuesOf(problemOf(publish.error)).length === 0 && <ProblemView error={publish.error} />}
    </>
  );
}
