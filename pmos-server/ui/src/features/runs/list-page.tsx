import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch, IconSearchOff } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { RUN_STATUSES } from '@/api/contract';
import { flowNamesQuery, runsQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { Empty } from '@/parts/empty';
import { EngineFilter, useEngines } from '@/parts/engine';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { RunsTable } from '@/parts/runs-table';
import { More } from '@/parts/table';
import { useWorkspace } from '@/parts/workspace';
import classes from './runs.module.css';

const options = (flows: { id: string; name: string }[]) => flows.map(({ id, name }) => ({ value: id, label: name }));

export function RunsPage() {
  const { id, name } = useWorkspace();
  const filter = useSearch({ from: '/inside/w/$workspace/runs' });
  const navigate = useNavigate({ from: '/w/$workspace/runs' });
  const list = useInfiniteQuery(runsQuery(id, filter));
  const names = useQuery(flowNamesQuery(id));
  const [typed, setTyped] = useState(filter.q ?? '');
  const put = (change: Partial<typeof filter>) => navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const search = useDebouncedCallback((value: string) => void put({ q: value || undefined }), 250);
  const { connected, several } = useEngines();
  const all = names.data ?? [];
  const shown = filter.engine === undefined ? all : all.filter((flow) => flow.engine === filter.engine);
  const byEngine = connected
    .map(({ engine, title }) => ({ group: title, items: options(shown.filter((flow) => flow.engine === engine)) }))
    .filter(({ items }) => items.length > 0);
  const filtered = Boolean(filter.q ?? filter.flow ?? filter.engine ?? filter.status);
  return (
    <Page title={m.runs.title} subtitle={m.runs.subtitle(name)}>
      <div className={classes.filters}>
        <TextInput
          type="search"
          aria-label={m.runs.search}
          placeholder={m.runs.search}
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
          className={classes.search}
        />
        <Select
          aria-label={m.runs.flow}
          placeholder={m.runs.anyFlow}
          data={several ? byEngine : options(shown)}
          value={filter.flow ?? null}
          onChange={(flow) => put({ flow: flow ?? undefined })}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': m.runs.anyFlow }}
        />
        <Select
          aria-label={m.runs.status}
          placeholder={m.runs.anyStatus}
          data={RUN_STATUSES.map((status) => ({ value: status, label: m.status[status] }))}
          value={filter.status ?? null}
          onChange={(status) => put({ status: status ?? undefined })}
          clearable
          clearButtonProps={{ 'aria-label': m.runs.anyStatus }}
        />
        {/* An automation is of one engine: it may not be of the next. */}
        <EngineFilter value={filter.engine} onChange={(engine) => put({ engine, flow: undefined })} />
      </div>
      <Section flush>
        {list.error && <ProblemView error={list.error} retry={list.refetch} />}
        {list.isPending && <Loading rows={6} />}
        {list.data &&
          (filtered && list.data.length === 0 ? (
            <Empty icon={IconSearchOff} title={m.runs.noMatch} text={m.flows.noMatchText} />
          ) : (
            <RunsTable runs={list.data} names={names.data ?? []} workspace={id} />
          ))}
        <More list={list} />
      </Section>
    </Page>
  );
}
