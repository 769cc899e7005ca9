import { ActionIcon, MultiSelect, Select, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { optionsQuery } from '@/api/flows';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { LoadingSign } from '@/parts/loading-sign';
import { useWorkspace } from '@/parts/workspace';
import { dataOf, keyOf } from './select';
import type { ControlProps, KindOf } from './types';
import { lookup } from './visible';

/** Options that the service itself names, asked anew when a field changes on which they depend. */
export function DynamicField({ kind, value, onChange, path, issue, readOnly, scope, id, describedBy }: ControlProps<KindOf<'dynamic'>>) {
  const { id: workspace } = useWorkspace();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(kind.search ? typed : '', 300);
  const options = useQuery(
    optionsQuery(
      workspace,
      {
        engine: scope.engine,
        piece: scope.piece,
        operation: scope.operation,
        field: path,
        settings: scope.settings,
        connection: scope.connection,
        search: search || undefined,
      },
      kind.depends_on.map((on) => lookup(scope.here ?? { settings: scope.settings }, on)),
    ),
  );
  const chosen = value === undefined || value === null || value === '' ? [] : kind.multiple && Array.isArray(value) ? (value as unknown[]) : [value];
  const data = withChosen(dataOf(options.data?.items ?? []), chosen);
  const common = {
    id,
    'aria-describedby': describedBy,
    data,
    searchable: true,
    searchValue: typed,
    onSearchChange: setTyped,
    readOnly,
    error: options.error ? problemOf(options.error).message : Boolean(issue),
    rightSection: options.isFetching ? (
      <LoadingSign />
    ) : (
      <Tooltip label={m.field.refresh}>
        <ActionIcon size={28} aria-label={m.field.refresh} onClick={() => options.refetch()}>
          <IconRefresh size={16} stroke={1.75} />
        </ActionIcon>
      </Tooltip>
    ),
    rightSectionPointerEvents: 'all' as const,
  };
  if (kind.multiple) {
    return (
      <MultiSelect
        {...common}
        value={chosen.map(keyOf)}
        onChange={(keys) => onChange(keys.length === 0 ? undefined : keys.map((key) => JSON.parse(key)))}
      />
    );
  }
  return (
    <Select
      {...common}
      value={chosen.length === 0 ? null : keyOf(value)}
      onChange={(key) => onChange(key === null ? undefined : JSON.parse(key))}
      placeholder={m.field.choose}
    />
  );
}

/** What is chosen stays to be seen when the service does not name it, or not yet. */
function withChosen(data: { value: string; label: string }[], chosen: unknown[]) {
  const missing = chosen.filter((each) => !data.some(({ value }) => value === keyOf(each)));
  return [...missing.map((each) => ({ value: keyOf(each), label: typeof each === 'string' ? each : JSON.stringify(each) })), ...data];
}
