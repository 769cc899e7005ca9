import { ActionIcon, Loader, MultiSelect, Select, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { optionsQuery } from '@/api/flows';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { useWorkspace } from '@/parts/workspace';
import { dataOf } from './select';
import type { ControlProps, KindOf } from './types';

/** Options that the service itself names, asked anew when a field changes on which they depend. */
export function DynamicField({ field, kind, value, onChange, issue, readOnly, scope, id, describedBy }: ControlProps<KindOf<'dynamic'>>) {
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
        field: field.name,
        settings: scope.settings,
        connection: scope.connection,
        search: search || undefined,
      },
      kind.depends_on.map((name) => scope.settings[name]),
    ),
  );
  const data = dataOf(options.data?.items ?? []);
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
      <Loader size={16} aria-label={m.app.loading} />
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
        value={Array.isArray(value) ? value.map((each) => JSON.stringify(each)) : []}
        onChange={(keys) => onChange(keys.length === 0 ? undefined : keys.map((key) => JSON.parse(key)))}
      />
    );
  }
  return (
    <Select
      {...common}
      value={value === undefined ? null : JSON.stringify(value)}
      onChange={(key) => onChange(key === null ? undefined : JSON.parse(key))}
      placeholder={m.field.choose}
    />
  );
}
