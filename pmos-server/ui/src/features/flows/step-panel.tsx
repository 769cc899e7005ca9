import { Accordion, Button, Group, NumberInput, Select, Stack, Switch, Text, TextInput } from '@mantine/core';
import { IconReplace } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { connectionsQuery } from '@/api/connections';
import type { Flow, Operation, OperationSummary, Piece, PieceSummary, Step, StepRun } from '@/api/contract';
import { FieldForm } from '@/fields/field';
import type { Unread } from '@/fields/unread';
import { m } from '@/messages/en';
import { StepIcon } from '@/parts/step-icon';
import { useWorkspace } from '@/parts/workspace';
import type { Catalogue } from './catalogue';
import type { Editor } from './editor';
import classes from './flows.module.css';
import { RawSettings } from './raw-settings';
import { dataFor } from './samples';
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
  const issues = Object.fromEntries(
    flow.issues.flatMap((issue) => (issue.step === step.id && issue.field ? [[fieldPath(issue.field), issue.message]] : [])),
  );
  const onlyTrigger = flow.draft.steps.every(({ id, kind }) => kind === 'action' || id === step.id);
  const loose = flow.issues.filter((issue) => issue.step === step.id && !issue.field);
  const replace = (piece: PieceSummary, { name, title }: OperationSummary) => {
    setReplacing(false);
    void editor
      .change({ op: 'replace_step', id: step.id, step: { kind: step.kind, name: title, piece: piece.name, operation: name, settings: {} } })
      .catch(() => undefined);
  };
  return (
    <Stack gap="lg" role="region" aria-label={m.editor.settingsOf(step.name)}>
      <Group wrap="nowrap" align="flex-start">
        <StepIcon operation={step.operation} />
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
      {step.kind === 'trigger' && flow.hook_url && (step.operation === 'webhook' || onlyTrigger) && <Webhook flow={flow} address={flow.hook_url} last={last} />}
      {step.kind === 'trigger' && builtIn && step.operation === 'schedule' && <Upcoming flow={flow} />}
      {step.kind === 'trigger' && step.operation === 'manual' && (
        <Button variant="light" onClick={onRun} style={{ alignSelf: 'flex-start' }}>
          {m.flows.run}
        </Button>
      )}
      {loose.map((issue) => (
        <Text key={issue.code} size="sm" c="var(--pm-bad)">
          {issue.message}
        </Text>
      ))}
      <StepName
        name={step.name}
        onChange={(name) => set({ name })}
        unread={unread}
        help={builtIn && step.kind === 'action' ? m.editor.stepId(`steps.${step.id}`) : undefined}
        issue={issues['@name']}
        readOnly={readOnly}
      />
      {operation && takesConnection(operation, piece) && (
        <ConnectionSelect engine={flow.engine} kinds={piece?.auth ?? []} value={step.connection ?? null} onChange={(connection) => set({ connection })} readOnly={readOnly} />
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
            data: builtIn ? dataFor(flow, step.id, last, catalogue.operationOf) : null,
            issues,
            unread,
          }}
        />
      )}
      {!operation && !catalogue.pending && (
        <RawSettings step={step} reachable={catalogue.error === null} onChange={(settings) => set({ settings })} readOnly={readOnly} unread={unread} />
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
      description={help}
      value={kept ?? name}
      onChange={(event) => change(event.currentTarget.value)}
      error={kept === undefined ? issue : m.app.nameMissing}
      readOnly={readOnly}
      maxLength={100}
    />
  );
}

/** Entries of lists are `[0]` in issues and `.0` in forms. */
const fieldPath = (path: string) => path.replaceAll(/\[(\d+)\]/g, '.$1');

const takesConnection = (operation: Operation, piece: Piece | undefined) => operation.connection ?? (piece?.auth.length ?? 0) > 0;

interface ConnectionProps {
  engine: string;
  /** What the step takes; anything when empty. */
  kinds: string[];
  value: string | null;
  onChange: (id: string | undefined) => void;
  readOnly: boolean;
}

function ConnectionSelect({ engine, kinds, value, onChange, readOnly }: ConnectionProps) {
  const { id: workspace } = useWorkspace();
  const list = useQuery(connectionsQuery(workspace));
  const fitting = (list.data ?? []).filter(
    (connection) => connection.id === value || (connection.engine === engine && (kinds.length === 0 || kinds.includes(connection.kind))),
  );
  return (
    <Select
      label={m.editor.connection}
      description={m.editor.connectionHelp}
      placeholder={m.editor.noConnection}
      data={fitting.map(({ id, name, hosts }) => ({ value: id, label: hosts.length > 0 ? m.editor.connectionOption(name, hosts.join(', ')) : name }))}
      value={value}
      onChange={(id) => onChange(id ?? undefined)}
      readOnly={readOnly}
      clearable
      clearButtonProps={{ 'aria-label': m.editor.noConnection }}
    />
  );
}

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
