import { NumberInput } from '@mantine/core';
import type { ControlProps } from './types';

export function NumberField({ field, value, onChange, issue, readOnly, id, describedBy }: ControlProps) {
  return (
    <NumberInput
      id={id}
      aria-describedby={describedBy}
      value={typeof value === 'number' ? value : ''}
      placeholder={field.default === undefined ? undefined : String(field.default)}
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
      error={Boolean(issue)}
      readOnly={readOnly}
      hideControls
    />
  );
}
