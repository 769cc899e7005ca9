import { PasswordInput } from '@mantine/core';
import { m } from '@/messages/en';
import type { ControlProps } from './types';

/** Written, never read back. */
export function SecretField({ field, value, onChange, issue, readOnly, id, describedBy }: ControlProps) {
  return (
    <PasswordInput
      id={id}
      aria-describedby={describedBy}
      aria-required={field.required || undefined}
      value={typeof value === 'string' ? value : ''}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      error={Boolean(issue)}
      aria-invalid={issue ? true : undefined}
      readOnly={readOnly}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
    />
  );
}
