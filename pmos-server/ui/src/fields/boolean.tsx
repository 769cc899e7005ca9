import { Switch } from '@mantine/core';
import type { ControlProps } from './types';

export function BooleanField({ field, value, onChange, readOnly, id, describedBy }: ControlProps) {
  return (
    <Switch
      id={id}
      aria-describedby={describedBy}
      checked={Boolean(value ?? field.default ?? false)}
      onChange={(event) => onChange(event.currentTarget.checked)}
      disabled={readOnly}
      error={undefined}
    />
  );
}
