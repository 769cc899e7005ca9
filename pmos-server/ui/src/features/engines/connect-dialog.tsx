import { Button, Fieldset, Group, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Engine } from '@/api/contract';
import { engines } from '@/api/engines';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';

type LoginField = Engine['login'][number];

interface Props {
  engine: Engine;
  /** Whether the same server is opened with something else. */
  changes: boolean;
  onClose: () => void;
  onConnected: (view: Engine) => void;
}

/** A place for the workspace: one that is made for it, or a server it has a key to. */
export function ConnectDialog({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Dialog opened={opened} onClose={props.onClose} title={props.changes ? m.engines.changeTitle(props.engine.title) : m.engines.connectTitle(props.engine.title)}>
      <Connect {...props} />
    </Dialog>
  );
}

function Connect({ engine, changes, onClose, onConnected }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const [how, setHow] = useState(engine.provisions && engine.wall !== 'own_key' ? 'provision' : 'own');
  const own = how === 'own';
  const needed = engine.login.filter((field) => field.required);
  const more = engine.login.filter((field) => !field.required);
  const form = useForm<Record<string, string>>({
    initialValues: { ...Object.fromEntries(engine.login.map(({ name }) => [name, ''])), base_url: engine.address ?? '' },
    validate: (values) => {
      const missing = needed.filter((field) => !values[field.name]?.trim()).map((field) => [field.name, m.engines.missing(field.title)]);
      if (!own) return {};
      return { ...(values.base_url?.trim() ? {} : { base_url: m.engines.baseUrlMissing }), ...Object.fromEntries(missing) };
    },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async (values) => {
    const isSecret = (name: string) => engine.login.some((field) => field.name === name && field.kind.type === 'secret');
    const given = Object.entries(values).map(([name, value]) => [name, isSecret(name) ? value : value.trim()]);
    const view = await engines.connect(
      workspace,
      engine.engine,
      own ? Object.fromEntries(given.filter(([, value]) => value?.trim())) : { provision: true },
    );
    onConnected(view);
    // Automations of the place come in by themselves; what was read before knows nothing of them.
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'flows') });
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'pieces') });
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'piece') });
    if (changes) toastDone(m.engines.changed(view.title));
    else toastDone(view.state === 'ready' ? m.engines.connected(view.title) : m.engines.connectedNotReady(view.title));
    onClose();
  });
  const input = ({ name, title, help, kind }: LoginField) => {
    const props = { label: title, description: help, ...form.getInputProps(name) };
    return kind.type === 'secret' ? (
      <PasswordInput key={name} autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': m.app.showText }} {...props} />
    ) : (
      <TextInput key={name} autoComplete="off" {...props} />
    );
  };
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        {changes && <Text c="dimmed">{m.engines.changeText}</Text>}
        {engine.provisions && !changes && (
          <Radio.Group label={m.engines.how} value={how} onChange={setHow}>
            <Stack gap="sm" mt={4}>
              <Radio value="provision" label={m.engines.provision} description={m.engines.provisionText} />
              <Radio value="own" label={m.engines.own} description={m.engines.ownText} />
            </Stack>
          </Radio.Group>
        )}
        {own && (
          <>
            <TextInput
              label={m.engines.baseUrl}
              placeholder={m.engines.baseUrlExample}
              type="url"
              autoComplete="off"
              data-autofocus
              {...form.getInputProps('base_url')}
            />
            {needed.map(input)}
            {more.length > 0 && (
              <Fieldset legend={m.engines.optional}>
                <Stack gap="sm">{more.map(input)}</Stack>
              </Fieldset>
            )}
          </>
        )}
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Text size="sm" c="dimmed" role="status" mr="auto">
            {busy ? m.engines.connecting : ''}
          </Text>
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {changes ? m.engines.change : m.engines.connect}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
