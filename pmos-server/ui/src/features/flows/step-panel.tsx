import { Accordion, Alert, Button, Group, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconReplace } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Flow, Operation, OperationSummary, Piece, PieceSummary, Step, StepRun } from '@/api/contract';
import { isBuiltIn } from '@/api/engines';
import { scopeQuery } from '@/api/flows';
import { ConnectionSelect } from '@/fields/connection/select';
import { FieldForm } from '@/fields/field';
import { fieldPath, type Issues, sentence } from '@/fields/issues';
import type { Unread } from '@/fields/unread';
import { filled, isVisible } from '@/fields/visible';
import { m } from '@/messages/en';
import { partOf } from '@/parts/edit-words';
import { useEngines } from '@/parts/engine';
import { StepIcon } from '@/parts/step-icon';
import { useReason, useWorkspace } from '@/parts/workspace';
import type { Catalogue } from './catalogue';
import type { Editor } from './editor';
import classes from './flows.module.css';
import { RawSettings } from './raw-settings';
import { dataFor, sampleBody } from './samples';
import { StepPicker } from './step-picker';
import { Upcoming } from './upcoming';
import { Webhook } from './webhook';

interface Props {
  /** Whether the engine is ours, so that expressions in steps are ours, too. */
  builtIn: boolean;
  step: Step;
  flow: Flow;
  editor: Editor;
  catalogue: Catalogue;
  last: Map<string, StepRun>;
  readOnly: boolean;
  onRun: () => void;
}

/** Everything that can be said about one step. Saved while one types. */
export function StepPanel({ builtIn, step, flow, editor, catalogue, last, readOnly, onRun }: Props) {
  const operation = catalogue.operationOf(step);
  const piece = catalogue.pieceOf(step);
  const [replacing, setReplacing] = useState(false);
  const set = (change: Partial<Step>) => editor.setStep({ ...step, ...change });
  const unread = editor.unreadOf(step.id);
  const { id: workspace } = useWorkspace();
  const mayNotStart = useReason('runs.start') !== null;
  const { issues, loose } = placed(flow, step, operation);
  const engine = useEngines().of(flow.engine);
  const scope = useQuery({ ...scopeQuery(workspace, flow.id, step.id, flow.revision), enabled: engine !== undefined && isBuiltIn(engine) });
  const onlyTrigger = flow.draft.steps.every(({ id, kind }) => kind === 'action' || id === step.id);
  const replace = (piece: PieceSummary, { name, title }: OperationSummary) => {
    setReplacing(false);
    void editor
      .change({ op: 'replace_step', id: step.id, step: { kind: step.kind, name: title, piece: piece.name, operation: name, settings: {} } })
      .catch(() => undefined);
  };
  return (
    <Stack gap="lg" role="region" aria-label={m.editor.settingsOf(step.name)} className={classes.panel} data-read-only={readOnly || undefined}>
      <Group wrap="nowrap" align="flex-start">
        <StepIcon operation={step.operation} icon={operation?.icon} />
        <div className={classes.stepText}>
          <Text fw={600} size="lg" component="h2" m={0}>
            {operation?.title ?? (catalogue.pending ? '' : (piece?.title ?? step.piece))}
          </Text>
          <Text size="sm" c="dimmed">
            {operation?.help}
          </Text>
        </div>
        {step.kind === 'trigger' && !readOnly && (
          <Button size="xs" variant="default" leftSection={<IconReplace size={16} />} onClick={() => setReplacing(true)}>
            {m.editor.changeTrigger}
          </Button>
        )}
      </Group>
      {step.kind === 'trigger' && flow.hook_url && (step.operation === 'webhook' || onlyTrigger) && <Webhook flow={flow} address={flow.hook_url} last={last} sample={sampleBody(step, operation)} />}
      {step.kind === 'trigger' && !flow.hook_url && step.operation === 'webhook' && mayNotStart && (
        <Text size="sm" c="dimmed">
          {m.webhook.membersOnly}
        </Text>
      )}
      {step.kind === 'trigger' && builtIn && step.operation === 'schedule' && <Upcoming flow={flow} />}
      {step.kind === 'trigger' && step.operation === 'manual' && (
        <Button variant="light" onClick={onRun} style={{ alignSelf: 'flex-start' }}>
          {m.flows.run}
        </Button>
      )}
      {loose.length > 0 && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle size={20} />} py={8}>
          {loose.map((said) => (
            <Text key={said} size="sm">
              {said}
            </Text>
          ))}
        </Alert>
      )}
      <StepName
        name={step.name}
        onChange={(name) => set({ name })}
        unread={unread}
        help={builtIn && step.kind === 'action' ? m.editor.stepId(`steps.${step.id}`) : undefined}
        issue={issues['@name']}
        readOnly={readOnly}
      />
      {operation && takesConnection(operation, piece) && (
        <ConnectionSelect
          engine={flow.engine}
          piece={catalogue.nameOf(step)}
          kinds={piece?.auth ?? []}
          value={step.connection ?? null}
          onChange={(connection) => set({ connection })}
          issue={issues.connection}
          readOnly={readOnly}
        />
      )}
      {operation && (
        <FieldForm
          fields={operation.fields}
          value={step.settings}
          onChange={(settings) => set({ settings })}
          readOnly={readOnly}
          scope={{
            engine: flow.engine,
            piece: catalogue.nameOf(step),
            operation: step.operation,
            settings: step.settings,
            connection: step.connection,
            data: builtIn ? dataFor(flow, scope.data ?? [], last, catalogue.operationOf) : null,
            issues,
            unread,
          }}
        />
      )}
      {!operation && !catalogue.pending && (
        <RawSettings step={step} error={catalogue.error} onChange={(settings) => set({ settings })} readOnly={readOnly} unread={unread} />
      )}
      {step.kind === 'action' && <Failure step={step} set={set} readOnly={readOnly} />}
      <StepPicker opened={replacing} onClose={() => setReplacing(false)} kind={step.kind} engine={flow.engine} onPick={replace} />
    </Stack>
  );
}

/** A step always has a name: while there is none in the field, it keeps the one it had. */
function StepName({
  name,
  onChange,
  unread,
  help,
  issue,
  readOnly,
}: {
  name: string;
  onChange: (name: string) => void;
  unread: Unread;
  help?: string;
  issue?: string;
  readOnly: boolean;
}) {
  const kept = unread.read('@name');
  const change = (text: string) => {
    const missing = text.trim() === '';
    unread.keep('@name', missing ? text : null);
    if (!missing) onChange(text);
  };
  return (
    <TextInput
      label={m.editor.stepName}
      data-field="@name"
      description={help}
      value={kept ?? name}
      onChange={(event) => change(event.currentTarget.value)}
      error={kept === undefined ? issue && sentence(issue) : m.app.nameMissing}
      readOnly={readOnly}
      maxLength={100}
    />
  );
}

/** What is wrong with a step: at the fields that are shown, and what has no place among them. */
function placed(flow: Flow, step: Step, operation: Operation | undefined) {
  const issues: Issues = {};
  const loose: string[] = [];
  const here = filled(operation?.fields ?? [], step.settings);
  const shown = new Set(['@name', 'connection', ...(operation?.fields ?? []).filter((field) => isVisible(field, here)).map(({ name }) => name)]);
  for (const { step: id, field, message } of flow.issues) {
    if (id !== step.id) continue;
    const path = field && fieldPath(field);
    const name = path?.split('.')[0];
    if (path && name && shown.has(name)) issues[path] ??= message;
    else loose.push(name ? m.publish.issue(partOf(name), message) : sentence(message));
  }
  return { issues, loose };
}

const takesConnection = (operation: Operation, piece: Piece | undefined) => operation.connection ?? (piece?.auth.length ?? 0) > 0;

/** What happens when the step fails, takes too long, or shall be left out. */
function Failure({ step, set, readOnly }: { step: Step; set: (change: Partial<Step>) => void; readOnly: boolean }) {
  const number = (value: string | number) => (typeof value === 'number' ? value : undefined);
  return (
    <Accordion variant="separated" radius="lg">
      <Accordion.Item value="failure">
        <Accordion.Control>{m.editor.failure}</Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <Select
              label={m.editor.onError}
              data={[
                { value: 'stop', label: m.editor.onErrorStop },
                { value: 'continue', label: m.editor.onErrorContinue },
              ]}
              value={step.on_error ?? 'stop'}
              onChange={(value) => set({ on_error: value === 'continue' ? 'continue' : undefined })}
              readOnly={readOnly}
            />
            <Group grow align="flex-start">
              <NumberInput
                label={m.editor.retries}
                min={0}
                max={10}
                value={step.retry?.times ?? 0}
                onChange={(value) => set({ retry: number(value) ? { times: Number(value), backoff_s: step.retry?.backoff_s ?? 1 } : undefined })}
                readOnly={readOnly}
                hideControls
              />
              <NumberInput
                label={m.editor.backoff}
                min={0}
                max={3600}
                value={step.retry?.backoff_s ?? ''}
                onChange={(value) => step.retry && set({ retry: { ...step.retry, backoff_s: number(value) ?? 0 } })}
                readOnly={readOnly}
                disabled={!step.retry}
                hideControls
              />
            </Group>
            <NumberInput
              label={m.editor.timeout}
              min={1}
              max={86400}
              value={step.timeout_s ?? ''}
              onChange={(value) => set({ timeout_s: number(value) })}
              readOnly={readOnly}
              hideControls
            />
            <Switch label={m.editor.skip} checked={step.skip ?? false} onChange={(event) => set({ skip: event.currentTarget.checked || undefined })} disabled={readOnly} />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
