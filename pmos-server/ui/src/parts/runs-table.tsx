import { Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import type { RunSummary } from '@/api/contract';
import { m } from '@/messages/en';
import { TextLink } from './link';
import { Empty } from './empty';
import { EngineLabel, useEngines } from './engine';
import { StatusPill } from './status';
import { Table, TwoLines } from './table';
import { Ago, duration } from './time';

/** Runs, newest first, each leading to its steps. */
export function RunsTable({ runs, names, workspace }: { runs: RunSummary[]; names: { id: string; name: string }[]; workspace: string }) {
  const { several } = useEngines();
  if (runs.length === 0) return <Empty icon={IconPlayerPlay} title={m.runs.none} text={m.runs.noneText} />;
  const nameOf = (flow: string) => names.find(({ id }) => id === flow)?.name ?? m.runs.deletedFlow;
  return (
    <Table
      label={m.runs.title}
      rows={runs}
      rowKey={(run) => run.id}
      columns={[
        {
          key: 'flow',
          head: m.runs.flow,
          grow: true,
          cell: (run) => (
            <TwoLines
              first={
                <TextLink to="/w/$workspace/runs/$run" params={{ workspace, run: run.id }} c="inherit" fw={550} title={nameOf(run.flow)}>
                  {nameOf(run.flow)}
                </TextLink>
              }
              second={run.error}
            />
          ),
        },
        { key: 'status', head: m.runs.status, cell: (run) => <StatusPill status={run.status} /> },
        {
          key: 'trigger',
          head: m.runs.startedBy,
          cell: (run) => (
            <Text size="sm" c="dimmed">
              {m.runs.triggers[run.trigger]}
            </Text>
          ),
        },
        ...(several ? [{ key: 'engine', head: m.engines.column, cell: (run: RunSummary) => <EngineLabel engine={run.engine} /> }] : []),
        { key: 'duration', head: m.runs.duration, align: 'end', cell: (run) => <Text size="sm" children={duration(run.duration_ms)} /> },
        { key: 'at', head: m.runs.when, align: 'end', cell: (run) => <Ago at={run.started_at} size="sm" c="dimmed" /> },
      ]}
    />
  );
}
