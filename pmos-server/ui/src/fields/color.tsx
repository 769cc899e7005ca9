import { ColorInput } from '@mantine/core';
import type { ControlProps } from './types';

export function ColorField({ value, onChange, issue, readOnly, id, describedBy }: ControlProps) {
  return (
    <ColorInput
      id={id}
      aria-describedby={describedBy}
      value={typeof value === 'string' ? value : ''}
      onChange={(next) => onChange(next || undefined)}
      error={Boolean(issue)}
      readOnly={readOnly}
    />
  );
}
