import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { Secret } from '@/api/contract';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import classes from './connection.module.css';

export interface SecretRow {
  name: string;
  value: string;
}

export const NO_ROWS: SecretRow[] = [{ name: '', value: '' }];

export const secretOfRows = (rows: SecretRow[]): Secret =>
  Object.fromEntries(rows.filter(({ name }) => name.trim()).map(({ name, value }) => [name.trim(), value]));

/** Why the rows do not make a secret yet. */
export function rowsError(rows: SecretRow[]): string | null {
  const names = rows.map(({ name }) => name.trim()).filter(Boolean);
  if (names.length === 0) return m.connections.rowsMissing;
  return new Set(names).size < names.length ? m.field.twice : null;
}

/** The parts of a secret under the names that its service gives them, where there is no form that would know them. */
export function SecretRows({ rows, onChange, error }: { rows: SecretRow[]; onChange: (rows: SecretRow[]) => void; error?: string | null }) {
  const put = (at: number, change: Partial<SecretRow>) => onChange(rows.map((row, index) => (index === at ? { ...row, ...change } : row)));
  return (
    <Stack gap="xs" role="group" aria-label={m.connections.parts}>
      <div>
        <Text fw={550}>{m.connections.parts}</Text>
        <Text size="xs" c="dimmed">
          {m.connections.partsHelp}
        </Text>
      </div>
      {rows.map((row, at) => (
        <div key={at} className={classes.row}>
          <TextInput
            aria-label={m.field.nameOf(m.connections.part, at + 1)}
            placeholder={m.connections.partExample}
            autoComplete="off"
            spellCheck={false}
            value={row.name}
            onChange={(event) => put(at, { name: event.currentTarget.value })}
          />
          <PasswordInput
            aria-label={m.field.valueOf(m.connections.part, at + 1)}
            placeholder={m.field.value}
            autoComplete="new-password"
            visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
            value={row.value}
            onChange={(event) => put(at, { value: event.currentTarget.value })}
          />
          <ActIcon
            name={m.field.removeRow(row.name || String(at + 1))}
            reason={rows.length === 1 ? m.connections.lastPart : null}
            onClick={() => onChange(rows.filter((_, index) => index !== at))}
          >
            <IconTrash size={16} stroke={1.75} />
          </ActIcon>
        </div>
      ))}
      {error && (
        <Text size="xs" c="var(--pm-bad)" role="alert">
          {error}
        </Text>
      )}
      <Button variant="default" size="xs" leftSection={<IconPlus size={16} />} className={classes.add} onClick={() => onChange([...rows, { name: '', value: '' }])}>
        {m.connections.addPart}
      </Button>
    </Stack>
  );
}
