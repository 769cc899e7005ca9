import { Textarea, TextInput } from '@mantine/core';
import { useRef } from 'react';
import { DataButton } from './data-button';
import type { ControlProps } from './types';

const textOf = (value: unknown) => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value));

/** One line, with data of earlier steps where the field takes it. */
export function TextField({ field, value, onChange, issue, readOnly, scope, id, describedBy }: ControlProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <TextInput
      ref={input}
      id={id}
      aria-describedby={describedBy}
      aria-required={field.required || undefined}
      value={textOf(value)}
      placeholder={textOf(field.default)}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      error={Boolean(issue)}
      readOnly={readOnly}
      spellCheck={false}
      autoComplete="off"
      rightSection={field.expressions && !readOnly ? <DataButton field={field} scope={scope} input={input} onChange={onChange} /> : null}
    />
  );
}

export function LongTextField({ field, value, onChange, issue, readOnly, scope, id, describedBy }: ControlProps) {
  const input = useRef<HTMLTextAreaElement>(null);
  return (
    <Textarea
      ref={input}
      id={id}
      aria-describedby={describedBy}
      aria-required={field.required || undefined}
      value={textOf(value)}
      placeholder={textOf(field.default)}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
      error={Boolean(issue)}
      readOnly={readOnly}
      autosize
      minRows={3}
      maxRows={14}
      rightSection={field.expressions && !readOnly ? <DataButton field={field} scope={scope} input={input} onChange={onChange} /> : null}
    />
  );
}
