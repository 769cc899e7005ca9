import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { connections, credentialFormQuery } from '@/api/connections';
import type { Engine } from '@/api/contract';
import { pieceQuery, piecesQuery } from '@/api/flows';
import { keys } from '@/api/keys';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { LoadingSign } from '@/parts/loading-sign';
import { ProblemView, toastDone } from '@/parts/problem';
import { alone, useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';
import type { Wanted } from './create-dialog';
import { NO_REMOTE_SECRET, RemoteSecretFields, remoteSecretErrors, remoteSecretOf, useCredentialForm } from './remote-secret';

/** As many apps as a list can show at once; a word narrows it. */
const SHOWN = 50;

/** A credential that a remote engine keeps: for which app, of which of its kinds, and what is in it. */
export function CreateRemote({
  engine,
  onClose,
  onCreated,
  wanted,
}: {
  engine: Engine;
  onClose: () => void;
  onCreated?: (connection: string) => void;
  wanted?: Wanted;
}) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 300);
  const shapeOf = (kind: string) => cache.getQueryData(credentialFormQuery(workspace, engine.engine, kind).queryKey);
  const form = useForm({
    initialValues: { name: '', app: wanted?.piece ?? '', kind: wanted?.kinds[0] ?? '', secret: NO_REMOTE_SECRET },
    validate: (values) => ({
      ...(values.name.trim() ? {} : { name: m.app.nameMissing }),
      ...(values.app ? {} : { app: m.connections.appMissing }),
      ...(values.kind ? remoteSecretErrors(shapeOf(values.kind), values.secret) : { kind: m.connections.kindMissing }),
    }),
  });
  const { app, kind } = form.values;
  const asked = useCredentialForm(engine.engine, kind);
  const pieces = useQuery(piecesQuery(workspace, engine.engine, { q: q.trim() || undefined }));
  const piece = useQuery({ ...pieceQuery(workspace, engine.engine, app), enabled: app !== '' });
  const kinds = wanted?.kinds.length ? wanted.kinds : (piece.data?.auth ?? []);
  const apps = (pieces.data ?? []).slice(0, SHOWN).map(({ name, title }) => ({ value: name, label: title }));
  if (piece.data && !apps.some(({ value }) => value === app)) apps.push({ value: app, label: piece.data.title });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    const name = values.name.trim();
    const secret = remoteSecretOf(shapeOf(values.kind), values.secret);
    const made = await connections.create(workspace, { engine: engine.engine, kind: values.kind, name, secret });
    toastDone(m.connections.created(name));
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'connections') });
    onCreated?.(made.id);
    onClose();
  });
  return (
    <form onSubmit={alone(onSubmit)} noValidate>
      <Stack>
        <TextInput label={m.app.nameField} placeholder={m.connections.namePlaceholder} maxLength={100} {...form.getInputProps('name')} />
        <Select
          label={m.connections.app}
          description={m.connections.appHelp}
          placeholder={m.connections.appSearch}
          data={apps}
          searchable
          onSearchChange={setTyped}
          filter={({ options }) => options}
          nothingFoundMessage={pieces.isFetching ? m.app.loading : m.connections.noApp}
          rightSection={pieces.isFetching ? <LoadingSign /> : undefined}
          {...form.getInputProps('app')}
          value={app || null}
          onChange={(next) => form.setValues({ app: next ?? '', kind: '', secret: NO_REMOTE_SECRET })}
          error={form.errors.app ?? (pieces.error ? problemOf(pieces.error).message : undefined)}
        />
        {app && (
          <Select
            label={m.connections.kind}
            description={piece.data && kinds.length === 0 ? m.connections.noKind : asked.data?.title}
            placeholder={m.field.choose}
            data={kinds}
            rightSection={piece.isFetching ? <LoadingSign /> : undefined}
            {...form.getInputProps('kind')}
            value={kind || null}
            onChange={(next) => form.setValues({ kind: next ?? '', secret: NO_REMOTE_SECRET })}
            error={form.errors.kind ?? (piece.error ? problemOf(piece.error).message : undefined)}
          />
        )}
        {kind && (
          <RemoteSecretFields
            engine={engine.engine}
            asked={asked}
            value={form.values.secret}
            onChange={(secret) => form.setFieldValue('secret', secret)}
            errors={form.errors}
          />
        )}
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy || asked.isLoading}>
            {m.connections.createAction}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
