import { MultiSelect, Select } from '@mantine/core';
import type { FieldOption } from '@/api/contract';
import { m } from '@/messages/en';
import type { ControlProps, KindOf } from './types';

// Options carry any JSON value, the controls only text.
export const keyOf = (value: unknown) => JSON.stringify(value ?? null);
export const dataOf = (options: FieldOption[]) => options.map(({ value, label }) => ({ value: keyOf(value), label }));
const valueOf = (key: string): unknown => JSON.parse(key);

export function SelectField({ field, kind, value, onChange, issue, readOnly, id, describedBy }: ControlProps<KindOf<'select'>>) {
  return (
    <Select
      id={id}
      aria-describedby={describedBy}
      data={dataOf(kind.options)}
      value={value === undefined && field.default === undefined ? null : keyOf(value ?? field.default)}
      onChange={(key) => onChange(key === null ? undefined : valueOf(key))}
      searchable={kind.options.length > 8}
      allowDeselect={!field.required}
      error={Boolean(issue)}
      readOnly={readOnly}
      placeholder={m.field.choose}
    />
  );
}

export function MultiSelectField({ kind, value, onChange, issue, readOnly, id, describedBy, field }: ControlProps<KindOf<'multi_select'>>) {
  const chosen = value ?? field.default;
  return (
    <MultiSelect
      id={id}
      aria-describedby={describedBy}
      data={dataOf(kind.options)}
      value={Array.isArray(chosen) ? chosen.map(keyOf) : []}
      onChange={(chosenKeys) => onChange(chosenKeys.length === 0 ? undefined : chosenKeys.map(valueOf))}
      searchable
      error={Boolean(issue)}
      readOnly={readOnly}
    />
  );
}
