import { Button, Group, Loader, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { connections } from '@/api/connections';
import type { Engine } from '@/api/contract';
import { pieceQuery, piecesQuery } from '@/api/flows';
import { keys } from '@/api/keys';
import { problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';
import { NO_ROWS, rowsError, SecretRows, secretOfRows } from './secret-rows';

/** As many apps as a list can show at once; a word narrows it. */
const SHOWN = 50;

/** A credential that an engine outside keeps: for which app, of which of its kinds, and what is in it. */
export function CreateOutside({ engine, onClose }: { engine: Engine; onClose: () => void }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 300);
  const form = useForm({
    initialValues: { name: '', app: '', kind: '', secret: NO_ROWS },
    validate: (values) => ({
      ...(values.name.trim() ? {} : { name: m.app.nameMissing }),
      ...(values.app ? {} : { app: m.connections.appMissing }),
      ...(values.kind ? {} : { kind: m.connections.kindMissing }),
      ...(rowsError(values.secret) ? { secret: rowsError(values.secret) } : {}),
    }),
  });
  const { app } = form.values;
  const pieces = useQuery(piecesQuery(workspace, engine.engine, { q: q.trim() || undefined }));
  const piece = useQuery({ ...pieceQuery(workspace, engine.engine, app), enabled: app !== '' });
  const kinds = piece.data?.auth ?? [];
  const apps = (pieces.data ?? []).slice(0, SHOWN).map(({ name, title }) => ({ value: name, label: title }));
  if (piece.data && !apps.some(({ value }) => value === app)) apps.push({ value: app, label: piece.data.title });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    const name = values.name.trim();
    await connections.create(workspace, { engine: engine.engine, kind: values.kind, name, secret: secretOfRows(values.secret) });
    toastDone(m.connections.created(name));
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'connections') });
    onClose();
  });
  return (
    <form onSubmit={onSubmit} noValidate>
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
          rightSection={pieces.isFetching ? <Loader size={16} aria-label={m.app.loading} /> : undefined}
          {...form.getInputProps('app')}
          value={app || null}
          onChange={(next) => form.setValues({ app: next ?? '', kind: '' })}
          error={form.errors.app ?? (pieces.error ? problemOf(pieces.error).message : undefined)}
        />
        {app && (
          <Select
            label={m.connections.kind}
            description={piece.data && kinds.length === 0 ? m.connections.noKind : undefined}
            placeholder={m.field.choose}
            data={kinds}
            rightSection={piece.isFetching ? <Loader size={16} aria-label={m.app.loading} /> : undefined}
            {...form.getInputProps('kind')}
            value={form.values.kind || null}
            error={form.errors.kind ?? (piece.error ? problemOf(piece.error).message : undefined)}
          />
        )}
        <SecretRows rows={form.values.secret} onChange={(rows) => form.setFieldValue('secret', rows)} error={form.errors.secret as string | undefined} />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {m.connections.createAction}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
