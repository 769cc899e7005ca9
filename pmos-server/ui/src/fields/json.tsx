import { Text } from '@mantine/core';
import { useRef, useState } from 'react';
import { m } from '@/messages/en';
import { type CodeHandle, CodeText } from '@/parts/json';
import { DataPicker } from './data-button';
import classes from './field.module.css';
import { referInJson } from './insert';
import type { ControlProps } from './types';

const textOf = (value: unknown) => (value === undefined ? '' : typeof value === 'string' && value.trim().startsWith('{{') ? value : JSON.stringify(value, null, 2));

/** The value a text stands for: JSON, or one expression that gives it. */
export function parseJson(text: string): { value: unknown } | null {
  const trimmed = text.trim();
  if (!trimmed) return { value: undefined };
  if (trimmed.startsWith('{{') && trimmed.endsWith('}}')) return { value: trimmed };
  try {
    return { value: JSON.parse(trimmed) as unknown };
  } catch {
    return null;
  }
}

/** Any JSON value. What cannot be read is kept in the field and not saved. */
export function JsonField({ field, value, onChange, path, issue, readOnly, scope, describedBy }: ControlProps) {
  const editor = useRef<CodeHandle>(null);
  const kept = scope.unread?.read(path);
  const [written, setText] = useState(() => textOf(value));
  const sent = useRef(JSON.stringify(value));
  const given = JSON.stringify(value);
  const text = kept ?? written;
  const parsed = parseJson(text);
  // What others changed is taken over, but never over something that is being written; what waits may wait elsewhere now.
  const gone = scope.unread !== undefined && kept === undefined && parsed === null;
  if (given !== sent.current || gone) {
    sent.current = given;
    if (kept === undefined) setText(textOf(value));
  }
  const change = (next: string) => {
    setText(next);
    const read = parseJson(next);
    scope.unread?.keep(path, read ? null : next);
    if (!read) return;
    sent.current = JSON.stringify(read.value);
    onChange(read.value);
  };
  return (
    <>
      {field.expressions && !readOnly && (
        <div className={classes.tools}>
          <DataPicker field={field} scope={scope} onPick={(path) => editor.current?.insert((before) => referInJson(path, before))} />
        </div>
      )}
      <CodeText
        handle={editor}
        label={field.title}
        text={text}
        onChange={readOnly ? undefined : change}
        invalid={parsed === null || Boolean(issue)}
        describedBy={describedBy}
      />
      {parsed === null && (
        <Text size="xs" c="var(--pm-bad)" role="status">
          {m.field.notJson}
        </Text>
      )}
    </>
  );
}
