import { Accordion, Button, Group, Modal, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Engine } from '@/api/contract';
import { engines } from '@/api/engines';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';

interface Props {
  engine: Engine;
  onClose: () => void;
  onConnected: (view: Engine) => void;
}

/** A place for the workspace: one that is made for it, or a server it has a key to. */
export function ConnectDialog({ opened, ...props }: Props & { opened: boolean }) {
  return (
    <Modal opened={opened} onClose={props.onClose} title={m.engines.connectTitle(props.engine.title)} closeButtonProps={{ 'aria-label': m.app.close }}>
      <Connect {...props} />
    </Modal>
  );
}

function Connect({ engine, onClose, onConnected }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const [how, setHow] = useState(engine.provisions && engine.wall !== 'own_key' ? 'provision' : 'own');
  const own = how === 'own';
  const form = useForm({
    initialValues: { base_url: '', api_key: '', email: '', password: '' },
    validate: (values) => {
      if (!own) return {};
      return {
        ...(values.base_url.trim() ? {} : { base_url: m.engines.baseUrlMissing }),
        ...(values.api_key.trim() || values.email.trim() ? {} : { api_key: m.engines.apiKeyMissing }),
      };
    },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ base_url, api_key, email, password }) => {
    const view = await engines.connect(
      workspace,
      engine.engine,
      own
        ? { base_url: base_url.trim(), api_key: api_key.trim() || undefined, email: email.trim() || undefined, password: password || undefined }
        : { provision: true },
    );
    onConnected(view);
    // Automations of the place come in by themselves; what was read before knows nothing of them.
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'flows') });
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'pieces') });
    toastDone(view.state === 'ready' ? m.engines.connected(view.title) : m.engines.connectedNotReady(view.title));
    onClose();
  });
  const secret = { autoComplete: 'new-password', visibilityToggleButtonProps: { 'aria-label': m.app.showText } };
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        {engine.provisions && (
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
            <PasswordInput label={m.engines.apiKey} description={m.engines.apiKeyHelp} {...secret} {...form.getInputProps('api_key')} />
            <Accordion variant="separated" radius="md">
              <Accordion.Item value="more">
                <Accordion.Control>{m.engines.more}</Accordion.Control>
                <Accordion.Panel>
                  <Stack gap="sm">
                    <Text size="sm" c="dimmed">
                      {m.engines.moreText}
                    </Text>
                    <TextInput label={m.engines.email} type="email" autoComplete="off" {...form.getInputProps('email')} />
                    <PasswordInput label={m.engines.password} {...secret} {...form.getInputProps('password')} />
                  </Stack>
                </Accordion.Panel>
              </Accordion.Item>
            </Accordion>
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
            {m.engines.connect}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
