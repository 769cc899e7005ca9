import { CodeText } from '@/parts/json';
import type { ControlProps } from './types';

export function CodeField({ field, value, onChange, issue, readOnly, describedBy }: ControlProps) {
  return (
    <CodeText
      label={field.title}
      text={typeof value === 'string' ? value : ''}
      language="text"
      onChange={readOnly ? undefined : onChange}
      invalid={Boolean(issue)}
      describedBy={describedBy}
      minHeight={160}
    />
  );
}
