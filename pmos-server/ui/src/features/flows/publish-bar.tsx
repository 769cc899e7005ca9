import { Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle, IconRocket } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Flow, Issue } from '@/api/contract';
import { flows } from '@/api/flows';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { ProblemView, toastDone } from '@/parts/problem';
import { useReason, useWorkspace } from '@/parts/workspace';
import type { Catalogue } from './catalogue';
import type { Editor, EditorState } from './editor';
import classes from './flows.module.css';

/** What stands between the draft and the live automation. Gone when nothing does. */
export function PublishBar({
  flow,
  editor,
  state: { saving, notSaved },
  onIssue,
  catalogue,
}: {
  flow: Flow;
  editor: Editor;
  state: EditorState;
  onIssue: (step: string) => void;
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
      void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'dashboard') });
    },
  });
  const { issues } = flow;
  const changed = !flow.published || flow.pending || saving !== 'saved';
  if (!changed && issues.length === 0) return null;
  const stepOf = (issue: Issue) => flow.draft.steps.find(({ id }) => id === issue.step);
  const fieldOf = (issue: Issue) => {
    const name = issue.field?.split(/[.[]/)[0];
    if (name?.startsWith('@')) return partOf(name.slice(1));
    const step = stepOf(issue);
    return (step && catalogue.operationOf(step)?.fields.find((field) => field.name === name)?.title) ?? name;
  };
  return (
    <>
      <section className={classes.publish} data-blocked={issues.length > 0 || undefined} aria-label={m.publish.bar}>
        <span className={classes.publishIcon} aria-hidden>
          {issues.length > 0 ? <IconAlertTriangle size={20} stroke={1.75} /> : <IconInfoCircle size={20} stroke={1.75} />}
        </span>
        <div className={classes.publishText}>
          <Text fw={600}>{flow.published ? m.publish.pending : m.publish.draft}</Text>
          {issues.length > 0 ? (
            <ul className={classes.issues}>
              {issues.slice(0, 6).map((issue, at) => (
                <li key={at}>
                  {issue.step ? (
                    <UnstyledButton className={classes.issue} onClick={() => issue.step && onIssue(issue.step)}>
                      {stepOf(issue)?.name ?? issue.step}
                    </UnstyledButton>
                  ) : null}
                  <span>{m.publish.issue(fieldOf(issue), issue.message)}</span>
                </li>
              ))}
              {issues.length > 6 && <li>{m.publish.moreIssues(issues.length - 6)}</li>}
            </ul>
          ) : (
            <Text size="sm" c="dimmed">
              {flow.published ? m.publish.pendingText(flow.published.version) : m.publish.draftText}
            </Text>
          )}
        </div>
        <Act
          reason={right ?? (notSaved.length > 0 ? m.publish.notSaved(notSaved.length) : issues.length > 0 ? m.publish.blocked(issues.length) : null)}
          leftSection={<IconRocket size={18} stroke={1.75} />}
          loading={publish.isPending}
          onClick={() => publish.mutate()}
        >
          {m.publish.action}
        </Act>
      </section>
      {publish.error && <ProblemView error={publish.error} />}
    </>
  );
}

const partOf = (name: string) => m.history.parts[name as keyof typeof m.history.parts] ?? name;
