import { SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconBolt, IconPlugOff, IconPlus, IconSearch, IconSearchOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { FlowSummary } from '@/api/contract';
import { flowsQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { ButtonLink, TextLink } from '@/parts/link';
import { Act, ActSwitch } from '@/parts/act';
import { Empty } from '@/parts/empty';
import { EngineFilter, EngineLabel, useEngines } from '@/parts/engine';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { StatusPill } from '@/parts/status';
import { More, Table, TwoLines } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import { CreateDialog } from './create-dialog';
import classes from './flows.module.css';
import { FlowMenu } from './flow-menu';
import { StatePill } from './state-pill';
import { useToggle } from './toggle';

export function FlowsPage() {
  const { id, name } = useWorkspace();
  const { q, state, engine, create } = useSearch({ from: '/inside/w/$workspace/automations' });
  const navigate = useNavigate({ from: '/w/$workspace/automations' });
  const list = useInfiniteQuery(flowsQuery(id, { q, engine, enabled: state && state === 'on' }));
  const reason = useReason('flows.create');
  const [typed, setTyped] = useState(q ?? '');
  const search = useDebouncedCallback((value: string) => {
    void navigate({ search: (old) => ({ ...old, q: value || undefined }), replace: true });
  }, 250);
  const setCreate = (open: boolean) => navigate({ search: (old) => ({ ...old, create: open || undefined }), replace: true });
  const filtered = q !== undefined || state !== undefined;
  const { of, titleOf } = useEngines();
  const gone = engine !== undefined && of(engine)?.connected === false;
  return (
    <Page
      title={m.flows.title}
      subtitle={m.flows.subtitle(name)}
      actions={
        <Act reason={reason} leftSection={<IconPlus size={18} />} onClick={() => setCreate(true)}>
          {m.flows.create}
        </Act>
      }
    >
      <div className={classes.filters}>
        <TextInput
          type="search"
          aria-label={m.flows.search}
          placeholder={m.flows.search}
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
          className={classes.search}
        />
        <SegmentedControl
          aria-label={m.flows.state}
          data={[
            { value: 'all', label: m.flows.all },
            { value: 'on', label: m.flows.on },
            { value: 'off', label: m.flows.off },
          ]}
          value={state ?? 'all'}
          onChange={(value) =>
            navigate({ search: (old) => ({ ...old, state: value === 'all' ? undefined : (value as 'on' | 'off') }), replace: true })
          }
        />
        <EngineFilter value={engine} onChange={(next) => navigate({ search: (old) => ({ ...old, engine: next }), replace: true })} />
      </div>
      <Section flush>
        {list.error && <ProblemView error={list.error} retry={list.refetch} />}
        {list.isPending && <Loading rows={5} />}
        {list.data?.length === 0 &&
          (filtered ? (
            <Empty icon={IconSearchOff} title={m.flows.noMatch} text={m.flows.noMatchText} />
          ) : gone ? (
            <Empty icon={IconPlugOff} title={m.flows.noneIn(titleOf(engine))} text={m.engines.notConnectedReason(titleOf(engine))}>
              <ButtonLink to="/w/$workspace/integrations/services" params={{ workspace: id }}>
                {m.flows.toServices}
              </ButtonLink>
            </Empty>
          ) : engine !== undefined ? (
            <Empty icon={IconBolt} title={m.flows.noneIn(titleOf(engine))} text={m.flows.noneInText(titleOf(engine))}>
              <Act reason={reason} leftSection={<IconPlus size={18} />} onClick={() => setCreate(true)}>
                {m.flows.create}
              </Act>
            </Empty>
          ) : (
            <Empty icon={IconBolt} title={m.flows.none} text={m.flows.noneText}>
              <Act reason={reason} leftSection={<IconPlus size={18} />} onClick={() => setCreate(true)}>
                {m.flows.createFirst}
              </Act>
            </Empty>
          ))}
        {list.data && list.data.length > 0 && <FlowTable flows={list.data} workspace={id} />}
        <More list={list} />
      </Section>
      <CreateDialog opened={create === true && !reason} onClose={() => setCreate(false)} engine={engine} />
    </Page>
  );
}

function FlowTable({ flows, workspace }: { flows: FlowSummary[]; workspace: string }) {
  const { several } = useEngines();
  return (
    <Table
      label={m.flows.title}
      rows={flows}
      rowKey={(flow) => flow.id}
      columns={[
        {
          key: 'name',
          head: m.flows.name,
          grow: true,
          cell: (flow) => (
            <TwoLines
              first={
                <TextLink to="/w/$workspace/automations/$flow" params={{ workspace, flow: flow.id }} c="inherit" fw={550} title={flow.name}>
                  {flow.name}
                </TextLink>
              }
              second={flow.issues_count > 0 ? m.flows.issues(flow.issues_count) : flow.pending && flow.published ? m.flows.pending : undefined}
            />
          ),
        },
        { key: 'state', head: m.flows.state, cell: (flow) => <StatePill flow={flow} /> },
        ...(several ? [{ key: 'engine', head: m.engines.column, cell: (flow: FlowSummary) => <EngineLabel engine={flow.engine} /> }] : []),
        { key: 'trigger', head: m.flows.trigger, cell: (flow) => triggerWord(flow.trigger) },
        {
          key: 'last',
          head: m.flows.lastRun,
          cell: (flow) =>
            flow.last_run ? (
              <span className={classes.lastRun}>
                <StatusPill status={flow.last_run.status} />
                <Ago at={flow.last_run.at} size="sm" c="dimmed" />
              </span>
            ) : (
              m.flows.never
            ),
        },
        { key: 'enabled', head: m.flows.live, cell: (flow) => <EnableSwitch flow={flow} workspace={workspace} /> },
        { key: 'menu', head: m.app.actions, bare: true, cell: (flow) => <FlowMenu flow={flow} /> },
      ]}
    />
  );
}

/** What an app does that is not ours is its own matter; here it only counts that something happened there. */
const triggerWord = (trigger: string | null) =>
  trigger === null ? m.app.none : (m.flows.triggers[trigger as keyof typeof m.flows.triggers] ?? m.flows.otherTrigger);

function EnableSwitch({ flow, workspace }: { flow: FlowSummary; workspace: string }) {
  const toggle = useToggle(workspace, flow);
  return <ActSwitch size="sm" name={m.flows.liveOf(flow.name)} checked={flow.enabled} onFlip={toggle.flip} reason={toggle.reason} />;
}
