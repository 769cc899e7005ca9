import { Alert, Button, Group, Stack, Switch, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Field, Flow, Settings, StepRun } from '@/api/contract';
import { flows } from '@/api/flows';
import { keys } from '@/api/keys';
import { problemOf } from '@/api/problem';
import { FieldForm } from '@/fields/field';
import { fieldPath, issueAt } from '@/fields/issues';
import { parseJson } from '@/fields/json';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { CodeText } from '@/parts/json';
import { ProblemView } from '@/parts/problem';
import { useWorkspace } from '@/parts/workspace';
import type { Catalogue } from './catalogue';
import type { Editor } from './editor';
import { outputOf } from './samples';

interface Props {
  /** Whether its engine starts a run with an input that is given. */
  takesInput: boolean;
  flow: Flow;
  editor: Editor;
  catalogue: Catalogue;
  last: Map<string, StepRun>;
}

/** Starts a run by hand, with what the trigger would have received. */
export function RunDialog({ opened, onClose, ...props }: Props & { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={m.run.title} size="lg">
      <Start {...props} />
    </Dialog>
  );
}

/** What the author of the flow wants to be asked, who may have left out all but the names. */
function questions(fields: unknown): Field[] {
  if (!Array.isArray(fields)) return [];
  return (fields as Partial<Field>[]).flatMap(({ name, title, kind, ...rest }) =>
    name ? [{ required: false, ...rest, name, title: title || name, kind: kind ?? { type: 'text' }, expressions: false }] : [],
  );
}

function Start({ takesInput, flow, editor, catalogue, last }: Props) {
  const { id: workspace } = useWorkspace();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const trigger = flow.draft.steps.find(({ kind }) => kind === 'trigger');
  const asked = questions(trigger?.settings.fields);
  const sample = trigger ? outputOf(trigger, last.get(trigger.id), catalogue.operationOf(trigger)).sample : undefined;
  const [text, setText] = useState(() => JSON.stringify(sample ?? {}, null, 2));
  const [values, setValues] = useState<Settings>({});
  const [draft, setDraft] = useState(!flow.published);
  const parsed = parseJson(text);
  const start = useMutation({
    mutationFn: async () => {
      await editor.flush();
      return flows.run(workspace, flow.id, { input: !takesInput ? undefined : asked.length > 0 ? values : parsed?.value, draft });
    },
    onSuccess: async (run) => {
      void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'runs') });
      await navigate({ to: '/w/$workspace/runs/$run', params: { workspace, run: run.id } });
    },
  });
  // The fields of the form are those of the input.
  const faults = start.error ? Object.entries(problemOf(start.error).fields) : [];
  const issues = Object.fromEntries(faults.map(([field, message]) => [fieldPath(field.replace(/^input\./, '')), message]));
  const told = asked.some(({ name }) => issueAt(issues, name, true));
  const blocked = draft && flow.issues.length > 0;
  return (
    <Stack>
      {!takesInput ? (
        <Text c="dimmed">{m.run.noInput}</Text>
      ) : asked.length > 0 ? (
        <FieldForm
          fields={asked}
          value={values}
          onChange={setValues}
          readOnly={false}
          scope={{ engine: flow.engine, piece: 'core', operation: 'manual', settings: values, data: [], issues }}
        />
      ) : (
        <div>
          <Text fw={550} mb={4}>
            {m.run.input}
          </Text>
          <CodeText label={m.run.input} text={text} onChange={setText} invalid={parsed === null} minHeight={140} />
          <Text size="xs" c={parsed === null ? 'var(--pm-bad)' : 'dimmed'} mt={4}>
            {parsed === null ? m.field.notJson : m.run.inputHelp}
          </Text>
        </div>
      )}
      {flow.published && flow.pending && (
        <Switch
          label={m.run.draft}
          description={m.run.draftHelp(flow.published.version)}
          checked={draft}
          onChange={(event) => setDraft(event.currentTarget.checked)}
        />
      )}
      {blocked && <Alert color="red" title={m.publish.blocked(flow.issues.length)} />}
      {start.error && !told && <ProblemView error={start.error} />}
      <Group justify="flex-end">
        <Button loading={start.isPending} disabled={parsed === null || blocked} onClick={() => start.mutate()}>
          {m.run.start}
        </Button>
      </Group>
    </Stack>
  );
}
