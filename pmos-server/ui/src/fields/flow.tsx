import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { flowNamesQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { LoadingSign } from '@/parts/loading-sign';
import { useWorkspace } from '@/parts/workspace';
import type { ControlProps } from './types';

/** Another automation of the same engine. */
export function FlowField({ field, value, onChange, issue, readOnly, scope, id, describedBy }: ControlProps) {
  const { id: workspace } = useWorkspace();
  const names = useQuery(flowNamesQuery(workspace));
  const chosen = typeof value === 'string' && value !== '' ? value : null;
  const data = (names.data ?? []).filter(({ engine }) => engine === scope.engine).map((flow) => ({ value: flow.id, label: flow.name }));
  // One that is gone stays to be seen, and the server says that it is gone.
  if (chosen && names.data && !data.some((each) => each.value === chosen)) data.push({ value: chosen, label: m.runs.deletedFlow });
  return (
    <Select
      id={id}
      aria-describedby={describedBy}
      data={data}
      value={chosen}
      onChange={(key) => onChange(key ?? undefined)}
      searchable
      allowDeselect={!field.required}
      error={Boolean(issue)}
      readOnly={readOnly}
      placeholder={m.field.choose}
      nothingFoundMessage={m.flows.noMatch}
      rightSection={names.isFetching ? <LoadingSign /> : undefined}
    />
  );
}
