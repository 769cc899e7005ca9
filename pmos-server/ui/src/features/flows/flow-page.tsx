import { Alert, Anchor, Button, Group, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCloudCheck, IconCloudUp, IconCloudX, IconHistory, IconLock, IconPlayerPlay, IconPointer, IconSparkles } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Flow } from '@/api/contract';
import { isBuiltIn } from '@/api/engines';
import { flowQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { Confirm } from '@/parts/confirm';
import { SidePanel } from '@/parts/dialog';
import { ButtonLink, TextLink } from '@/parts/link';
import { Act, ActIcon, ActSwitch } from '@/parts/act';
import { Empty } from '@/parts/empty';
import { useEngines } from '@/parts/engine';
import { leadsNowhere, Missing } from '@/parts/missing';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { useReason, useWorkspace } from '@/parts/workspace';
import assistantClasses from './assistant.module.css';
import { AssistantPanel } from './assistant-panel';
import { useCatalogue } from './catalogue';
import { ConflictBanner } from './conflict-banner';
import type { EditorState } from './editor';
import { EngineNotice } from './engine-notice';
import { ExternalEditNotice } from './external-edit-notice';
import { FlowMenu } from './flow-menu';
import classes from './flows.module.css';
import { HistoryDrawer } from './history-drawer';
import { PublishBar } from './publish-bar';
import { revealField } from './reveal-field';
import { RunDialog } from './run-dialog';
import { useLastOutputs } from './samples';
import { StatePill } from './state-pill';
import { StepList } from './step-list';
import { StepPanel } from './step-panel';
import { useToggle } from './toggle';
import { useEditor } from './use-editor';
import { useUndoKeys } from './undo';

export function FlowPage() {
  const { id } = useWorkspace();
  const { flow: flowId } = useParams({ from: '/inside/w/$workspace/automations/$flow' });
  const flow = useQuery(flowQuery(id, flowId));
  if (flow.error && !flow.data) {
    if (leadsNowhere(flow.error)) return <Missing />;
    return (
      <Page title={m.flows.title}>
        <ProblemView error={flow.error} retry={flow.refetch} />
      </Page>
    );
  }
  if (!flow.data) {
    return (
      <Page title={m.flows.title}>
        <Loading rows={6} height={60} />
      </Page>
    );
  }
  return <Opened key={flowId} flow={flow.data} />;
}

/** What an engine can at least; also of one that is not known any more. */
const STRUCTURED = { free_layout: false, multiple_triggers: false };

function Opened({ flow: read }: { flow: Flow }) {
  const { id: workspace } = useWorkspace();
  const [state, editor, leaving] = useEditor(workspace, read);
  useUndoKeys(editor);
  const { flow } = state;
  const catalogue = useCatalogue(workspace, flow);
  const { of, several, titleOf, pending } = useEngines();
  const engine = of(flow.engine);
  const last = useLastOutputs(workspace, flow.id);
  const { step: chosen } = useSearch({ from: '/inside/w/$workspace/automations/$flow' });
  const navigate = useNavigate();
  const wide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false });
  const [running, setRunning] = useState(false);
  const [history, setHistory] = useState(false);
  const [assistant, setAssistant] = useState(false);
  const chatting = useReason('chat.send');
  const editing = useReason('flows.edit');
  const starting = useReason('runs.start');
  const toggle = useToggle(workspace, flow);

  const select = (step: string | undefined) =>
    navigate({
      to: '/w/$workspace/automations/$flow',
      params: { workspace, flow: flow.id },
      search: { step },
      replace: true,
      resetScroll: false,
    });
  const shown = flow.draft.steps.find(({ id }) => id === chosen) ?? (wide ? flow.draft.steps.find(({ kind }) => kind === 'trigger') : undefined);

  const panel = shown && (
    <StepPanel
      key={shown.id}
      builtIn={!engine || isBuiltIn(engine)}
      step={shown}
      flow={flow}
      editor={editor}
      catalogue={catalogue}
      last={last}
      readOnly={editing !== null || state.conflict !== null}
      onRun={() => setRunning(true)}
    />
  );
  return (
    <div className={assistant ? assistantClasses.room : undefined}>
      <Page
        title={flow.name}
        badge={<StatePill flow={flow} />}
        subtitle={
          <Group gap="sm">
            <TextLink to="/w/$workspace/automations" params={{ workspace }} size="md">
              {m.flows.title}
            </TextLink>
            {several && <Text size="sm">{m.engines.of(titleOf(flow.engine))}</Text>}
            <Saving reason={editing} state={state} retry={() => void editor.flush().catch(() => undefined)} onNotSaved={select} />
          </Group>
        }
        actions={
          <>
            {flow.published && (
              <ActSwitch label={m.flows.live} checked={flow.enabled} onFlip={toggle.flip} reason={toggle.reason} />
            )}
            <ButtonLink variant="default" to="/w/$workspace/runs" params={{ workspace }} search={{ flow: flow.id }}>
              {m.nav.runs}
            </ButtonLink>
            <ActIcon name={m.history.title} variant="default" onClick={() => setHistory(true)}>
              <IconHistory size={18} stroke={1.75} />
            </ActIcon>
            <Act reason={starting} variant="default" leftSection={<IconPlayerPlay size={18} stroke={1.75} />} onClick={() => setRunning(true)}>
              {m.flows.run}
            </Act>
            <Act reason={chatting} variant="default" leftSection={<IconSparkles size={18} stroke={1.75} />} onClick={() => setAssistant(true)}>
              {m.chat.ask}
            </Act>
            <FlowMenu flow={flow} gone={() => navigate({ to: '/w/$workspace/automations', params: { workspace } })} />
          </>
        }
      >
        {state.conflict && <ConflictBanner workspace={workspace} flow={flow} problem={state.conflict} editor={editor} catalogue={catalogue} />}
        <EngineNotice flow={flow} />
        <ExternalEditNotice flow={flow} onHistory={() => setHistory(true)} />
        <PublishBar flow={flow} editor={editor} state={state} onIssue={(step, field) => void select(step).then(() => revealField(field))} catalogue={catalogue} />
        <div className={classes.editor}>
          {pending ? (
            <Section title={m.editor.steps}>
              <Loading rows={4} height={60} />
            </Section>
          ) : (
            <StepList
              flow={flow}
              editor={editor}
              catalogue={catalogue}
              can={engine?.capabilities ?? STRUCTURED}
              selected={shown?.id}
              onSelect={select}
              wide={wide}
              looking={editing !== null}
              readOnly={editing ?? (state.conflict ? m.editor.decideFirst : null)}
            />
          )}
          {wide ? (
            <Section>{panel ?? <Empty icon={IconPointer} title={m.editor.noneChosen} text={m.editor.noneChosenText} />}</Section>
          ) : (
            <SidePanel
              opened={shown !== undefined}
              onClose={() => select(undefined)}
              position="right"
              size="100%"
              title={shown?.name}
            >
              {state.conflict && (
                <Alert color="yellow" mb="md" py={8}>
                  {m.editor.decideFirst}
                </Alert>
              )}
              {panel}
            </SidePanel>
          )}
        </div>
        <Confirm
          opened={leaving.status === 'blocked'}
          onClose={() => leaving.reset?.()}
          title={m.editor.leaveTitle}
          action={m.editor.leave}
          onConfirm={async () => leaving.proceed?.()}
        >
          {state.conflict ? m.editor.leaveConflict : m.editor.leaveText(state.notSaved.length)}
        </Confirm>
        <HistoryDrawer opened={history} onClose={() => setHistory(false)} flow={flow} editor={editor} catalogue={catalogue} />
        <RunDialog takesInput={engine?.capabilities.start_with_input ?? true} opened={running} onClose={() => setRunning(false)} flow={flow} editor={editor} catalogue={catalogue} last={last} />
      </Page>
      <AssistantPanel opened={assistant} onClose={() => setAssistant(false)} flow={flow} step={shown?.id} />
    </div>
  );
}

/** Whether what was typed is safe. */
function Saving({
  state: { saving, notSaved },
  reason,
  retry,
  onNotSaved,
}: {
  state: EditorState;
  /** Why nothing can be changed here. */
  reason: string | null;
  retry: () => void;
  onNotSaved: (step: string) => void;
}) {
  if (reason) {
    return (
      <Group gap={6} role="status">
        <IconLock size={16} aria-hidden />
        <Text size="sm">{m.editor.readOnly(reason)}</Text>
      </Group>
    );
  }
  if (saving === 'waiting') {
    return (
      <Group gap={6} role="status">
        <IconCloudX size={16} color="var(--pm-warn)" aria-hidden />
        <Text size="sm" c="var(--pm-warn)">
          {m.editor.waiting}
        </Text>
      </Group>
    );
  }
  if (saving === 'failed') {
    return (
      <Group gap={6} role="status">
        <IconCloudX size={16} color="var(--pm-bad)" aria-hidden />
        <Text size="sm" c="var(--pm-bad)">
          {m.editor.notSaved}
        </Text>
        <Button size="compact-xs" variant="default" onClick={retry}>
          {m.app.retry}
        </Button>
      </Group>
    );
  }
  const [first] = notSaved;
  if (first !== undefined && saving === 'saved') {
    return (
      <Group gap={6} role="status">
        <IconCloudX size={16} color="var(--pm-bad)" aria-hidden />
        <Anchor component="button" size="sm" c="var(--pm-bad)" onClick={() => onNotSaved(first)}>
          {m.editor.fieldsNotSaved(notSaved.length)}
        </Anchor>
      </Group>
    );
  }
  const saved = saving === 'saved';
  return (
    <Group gap={6} role="status">
      {saved ? <IconCloudCheck size={16} aria-hidden /> : <IconCloudUp size={16} aria-hidden />}
      <Text size="sm">{saved ? m.editor.saved : m.editor.saving}</Text>
    </Group>
  );
}
