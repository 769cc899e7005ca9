import { PasswordInput, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ConnectionKind, Secret } from '@/api/contract';
import { m } from '@/messages/en';

export interface SecretValues {
  token: string;
  username: string;
  password: string;
  secret_name: string;
  value: string;
}

/** Whether it is one of our own kinds, whose parts are known. */
export const isOwnKind = (kind: string): kind is ConnectionKind => kind in m.connections.kinds;

export const NO_SECRET: SecretValues = { token: '', username: '', password: '', secret_name: '', value: '' };

export function secretOf(kind: ConnectionKind, values: SecretValues): Secret {
  if (kind === 'bearer') return { token: values.token };
  if (kind === 'basic') return { username: values.username, password: values.password };
  return { name: values.secret_name.trim(), value: values.value };
}

/** What is missing in the secret of this kind. */
export function secretErrors(kind: ConnectionKind, values: SecretValues): Partial<Record<keyof SecretValues, string>> {
  const need = (key: keyof SecretValues) => (values[key] ? {} : { [key]: m.connections.missing });
  if (kind === 'bearer') return need('token');
  if (kind === 'basic') return { ...need('username'), ...need('password') };
  return { ...need('secret_name'), ...need('value') };
}

/** The inputs of a secret; its text is never shown again once stored. */
export function SecretFields<V extends SecretValues>({ kind, form }: { kind: ConnectionKind; form: UseFormReturnType<V> }) {
  const shown = { autoComplete: 'new-password', visibilityToggleButtonProps: { 'aria-label': m.app.showText } };
  if (kind === 'bearer') return <PasswordInput label={m.connections.token} {...shown} {...form.getInputProps('token')} />;
  if (kind === 'basic') {
    return (
      <>
        <TextInput label={m.connections.username} autoComplete="off" {...form.getInputProps('username')} />
        <PasswordInput label={m.identity.password} {...shown} {...form.getInputProps('password')} />
      </>
    );
  }
  return (
    <>
      <TextInput
        label={kind === 'header' ? m.connections.headerName : m.connections.queryName}
        placeholder={kind === 'header' ? m.connections.headerExample : m.connections.queryExample}
        autoComplete="off"
        {...form.getInputProps('secret_name')}
      />
      <PasswordInput label={m.connections.value} {...shown} {...form.getInputProps('value')} />
    </>
  );
}
