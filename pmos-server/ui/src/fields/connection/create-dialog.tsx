import { Button, Group, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { connections } from '@/api/connections';
import type { ConnectionKind } from '@/api/contract';
import { isBuiltIn } from '@/api/engines';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { useEngines } from '@/parts/engine';
import { ProblemView, toastDone } from '@/parts/problem';
import { alone, useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';
import { CreateRemote } from './create-remote';
import { NO_SECRET, SecretFields, secretErrors, secretOf } from './secret-fields';

const KINDS: ConnectionKind[] = ['bearer', 'basic', 'header', 'query'];

interface Props {
  onClose: () => void;
  onCreated?: (connection: string) => void;
  /** The step that it is for, where there is one: of which engine, and what it signs in to. */
  wanted?: Wanted;
}

export interface Wanted {
  engine: string;
  piece: string;
  /** What the step takes; anything when empty. */
  kinds: string[];
}

export function CreateDialog({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Dialog opened={opened} onClose={props.onClose} title={m.connections.createTitle}>
      <Kept {...props} />
    </Dialog>
  );
}

/** Who keeps it decides what there is to fill in. */
function Kept({ onClose, onCreated, wanted }: Props) {
  const { connected } = useEngines();
  const keepers = connected.filter(
    (engine) => (isBuiltIn(engine) || engine.capabilities.connections) && (!wanted || engine.engine === wanted.engine),
  );
  const [chosen, setChosen] = useState<string | null>(null);
  const keeper = keepers.find(({ engine }) => engine === chosen) ?? keepers.find(isBuiltIn) ?? keepers[0];
  return (
    <Stack>
      {keepers.length > 1 && keeper && (
        <Select
          label={m.connections.keeper}
          description={m.connections.keeperHelp}
          data={keepers.map(({ engine, title }) => ({ value: engine, label: title }))}
          value={keeper.engine}
          onChange={setChosen}
        />
      )}
      {keeper && !isBuiltIn(keeper) ? <CreateRemote key={keeper.engine} engine={keeper} onClose={onClose} onCreated={onCreated} wanted={wanted} /> : <Create onClose={onClose} onCreated={onCreated} />}
    </Stack>
  );
}

function Create({ onClose, onCreated }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { name: '', kind: 'bearer' as ConnectionKind, hosts: [] as string[], ...NO_SECRET },
    validate: (values) => ({
      ...(values.name.trim() ? {} : { name: m.app.nameMissing }),
      ...(values.hosts.length > 0 ? {} : { hosts: m.connections.hostsMissing }),
      ...secretErrors(values.kind, values),
    }),
  });
  const { kind } = form.values;
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    const made = await connections.create(workspace, { kind, name: values.name.trim(), hosts: values.hosts, secret: secretOf(kind, values) });
    toastDone(m.connections.created(values.name.trim()));
    await cache.invalidateQueries({ queryKey: keys.noun(workspace, 'connections') });
    onCreated?.(made.id);
    onClose();
  });
  return (
    <form onSubmit={alone(onSubmit)} noValidate>
      <Stack>
        <TextInput label={m.app.nameField} placeholder={m.connections.namePlaceholder} maxLength={100} data-autofocus {...form.getInputProps('name')} />
        <Select
          label={m.connections.kind}
          description={m.connections.kindHelp[kind]}
          data={KINDS.map((value) => ({ value, label: m.connections.kinds[value] }))}
          {...form.getInputProps('kind')}
        />
        <SecretFields kind={kind} form={form} />
        <TagsInput
          label={m.connections.hosts}
          description={m.connections.hostsHelp}
          placeholder={form.values.hosts.length === 0 ? m.connections.hostExample : undefined}
          acceptValueOnBlur
          splitChars={[',', ' ']}
          {...form.getInputProps('hosts')}
        />
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
