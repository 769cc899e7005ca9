import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { credentialFormQuery } from '@/api/connections';
import type { CredentialForm, Field, Secret, Settings } from '@/api/contract';
import { problemOf } from '@/api/problem';
import { FieldForm } from '@/fields/field';
import { filled, isVisible } from '@/fields/visible';
import { m } from '@/messages/en';
import { useEngines } from '@/parts/engine';
import { Loading } from '@/parts/page';
import { useWorkspace } from '@/parts/workspace';
import { NO_ROWS, rowsError, type SecretRow, SecretRows, secretOfRows } from './secret-rows';

/** A secret that a remote engine keeps: what stands in the form of its kind, and in rows where there is no form. */
export interface RemoteSecret {
  settings: Settings;
  rows: SecretRow[];
}

export const NO_REMOTE_SECRET: RemoteSecret = { settings: {}, rows: NO_ROWS };

/** What a credential of this kind consists of, once the kind is known. */
export function useCredentialForm(engine: string, kind: string) {
  const { id: workspace } = useWorkspace();
  return useQuery({ ...credentialFormQuery(workspace, engine, kind), enabled: kind !== '' });
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === '';
const isText = ({ kind: { type } }: Field) => type === 'text' || type === 'long_text' || type === 'secret';

/** The fields that are shown, each with what stands in it. */
function shown({ fields }: CredentialForm, settings: Settings) {
  const all = filled(fields, settings);
  return fields
    .filter((field) => field.kind.type !== 'hint' && isVisible(field, all))
    .map((field) => ({ field, value: all.settings[field.name] }));
}

/** What goes to the engine: every field that is shown, as its own form would send it, and none that is not. */
export function remoteSecretOf(form: CredentialForm | undefined, { settings, rows }: RemoteSecret): Secret {
  if (!form) return secretOfRows(rows);
  const given = shown(form, settings).map(({ field, value }) => [field.name, value ?? (isText(field) ? '' : undefined)]);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** What is missing, by the path of the input. */
export function remoteSecretErrors(form: CredentialForm | undefined, { settings, rows }: RemoteSecret): Record<string, string> {
  if (!form) {
    const error = rowsError(rows);
    return error ? { secret: error } : {};
  }
  const missing = shown(form, settings).filter(({ field, value }) => field.required && isEmpty(value));
  return Object.fromEntries(missing.map(({ field }) => [pathOf(field.name), m.connections.missing]));
}

const pathOf = (field: string) => `secret.${field}`;

interface Props {
  engine: string;
  asked: ReturnType<typeof useCredentialForm>;
  value: RemoteSecret;
  onChange: (value: RemoteSecret) => void;
  errors: Record<string, unknown>;
}

/** The inputs of a secret that a remote engine keeps: the form of its kind, or rows where the engine tells of none. */
export function RemoteSecretFields({ engine, asked, value, onChange, errors }: Props) {
  const { titleOf } = useEngines();
  const error = typeof errors.secret === 'string' ? errors.secret : null;
  if (asked.isPending) return <Loading rows={2} />;
  if (!asked.data) {
    const { status, message } = problemOf(asked.error);
    return (
      <Stack gap="xs">
        <Text size="xs" c="dimmed" role="status">
          {status === 404 ? m.connections.noForm(titleOf(engine)) : m.connections.formUnknown(message)}
        </Text>
        <SecretRows rows={value.rows} onChange={(rows) => onChange({ ...value, rows })} error={error} />
      </Stack>
    );
  }
  const { fields, consent } = asked.data;
  // What was missing is no longer, once something stands there.
  const issues = Object.fromEntries(
    fields
      .filter(({ name }) => isEmpty(value.settings[name]))
      .flatMap(({ name }) => {
        const issue = errors[pathOf(name)];
        return typeof issue === 'string' ? [[name, issue]] : [];
      }),
  );
  return (
    <>
      {consent && <Text>{m.connections.consent(titleOf(engine))}</Text>}
      {fields.length === 0 && <Text c="dimmed">{m.connections.noFields}</Text>}
      <FieldForm
        fields={fields}
        value={value.settings}
        onChange={(settings) => onChange({ ...value, settings })}
        readOnly={false}
        scope={{ engine, piece: '', operation: '', settings: value.settings, data: null, issues }}
      />
      {error && (
        <Text size="xs" c="var(--pm-bad)" role="alert">
          {error}
        </Text>
      )}
    </>
  );
}
