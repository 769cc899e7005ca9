import { Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import { DataButton } from './data-button';
import classes from './field.module.css';
import { objectOf } from './group';
import { issueAt } from './issues';
import type { ControlProps } from './types';

interface Row {
  name: string;
  value: unknown;
}

const rowsOf = (value: unknown): Row[] => Object.entries(objectOf(value)).map(([name, each]) => ({ name, value: each }));
const objectFrom = (rows: Row[]) => Object.fromEntries(rows.filter(({ name }) => name).map(({ name, value }) => [name, value]));

/** Whether rows hold something that the object made of them does not. */
const isPartial = (rows: Row[]) => rows.some(({ name, value }, at) => (name ? rows.findIndex((row) => row.name === name) < at : value !== ''));

/** Free names with values. A row counts once it has a name of its own; until then it is kept and not saved. */
export function KeyValueField({ field, value, onChange, path, readOnly, scope }: ControlProps) {
  const [rows, setRows] = useState(() => {
    const kept = scope.unread?.read(path);
    return kept ? (JSON.parse(kept) as Row[]) : rowsOf(value);
  });
  const sent = useRef(JSON.stringify(objectOf(value)));
  const given = JSON.stringify(objectOf(value));
  if (given !== sent.current && given !== JSON.stringify(objectFrom(rows))) {
    sent.current = given;
    setRows(rowsOf(value));
  }
  const change = (next: Row[]) => {
    setRows(next);
    scope.unread?.keep(path, isPartial(next) ? JSON.stringify(next) : null);
    const object = objectFrom(next);
    sent.current = JSON.stringify(object);
    onChange(object);
  };
  const replace = (at: number, row: Row) => change(rows.map((each, index) => (index === at ? row : each)));
  return (
    <div className={classes.rows}>
      {rows.map((row, at) => (
        <div key={at} className={classes.row}>
          <TextInput
            aria-label={m.field.nameOf(field.title, at + 1)}
            placeholder={m.field.name}
            value={row.name}
            onChange={(event) => replace(at, { ...row, name: event.currentTarget.value })}
            readOnly={readOnly}
            error={row.name !== '' && rows.some((other, index) => index < at && other.name === row.name) ? m.field.twice : null}
          />
          <Value
            field={field}
            label={m.field.valueOf(field.title, at + 1)}
            value={row.value}
            onChange={(next) => replace(at, { ...row, value: next })}
            issue={issueAt(scope.issues, `${path}.${row.name}`, true)}
            readOnly={readOnly}
            scope={scope}
          />
          {!readOnly && (
            <ActIcon name={m.field.removeRow(row.name || String(at + 1))} onClick={() => change(rows.filter((_, index) => index !== at))}>
              <IconTrash size={16} stroke={1.75} />
            </ActIcon>
          )}
        </div>
      ))}
      {!readOnly && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={16} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => setRows([...rows, { name: '', value: '' }])}
        >
          {m.field.addRow(field.title)}
        </Button>
      )}
    </div>
  );
}

interface ValueProps extends Pick<ControlProps, 'field' | 'value' | 'onChange' | 'issue' | 'readOnly' | 'scope'> {
  label: string;
}

/** Text as typed; what was a number, a list or the like stays one as long as the text says so. */
function Value({ field, label, value, onChange, issue, readOnly, scope }: ValueProps) {
  const input = useRef<HTMLInputElement>(null);
  const plain = typeof value === 'string';
  const change = (text: unknown) => {
    if (plain || typeof text !== 'string') return onChange(text ?? '');
    try {
      onChange(JSON.parse(text));
    } catch {
      onChange(text);
    }
  };
  return (
    <TextInput
      ref={input}
      aria-label={label}
      placeholder={m.field.value}
      value={plain ? value : JSON.stringify(value)}
      onChange={(event) => change(event.currentTarget.value)}
      error={issue}
      readOnly={readOnly}
      spellCheck={false}
      rightSection={field.expressions && !readOnly ? <DataButton field={field} scope={scope} input={input} onChange={change} /> : null}
    />
  );
}
