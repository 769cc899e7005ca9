import { Button, Group, PasswordInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Provider, ProviderKind } from '@/api/contract';
import { keys } from '@/api/keys';
import { models } from '@/api/models';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { FactList } from '@/parts/facts';
import { ProblemView, toastDone } from '@/parts/problem';
import { useSubmit } from '@/parts/submit';
import { useWorkspace } from '@/parts/workspace';

const KINDS: ProviderKind[] = ['openai', 'openai_responses', 'anthropic', 'gemini', 'ollama', 'openai_compatible'];
/** Those that are reached at an address of one's own. */
const OWN_ADDRESS: ProviderKind[] = ['openai_compatible', 'ollama'];

interface Props {
  onClose: () => void;
  /** The one whose key or address changes; nothing for a new one. */
  changes?: Provider;
  /** Names that others have. */
  taken: string[];
}

/** Connects a provider of models; once it was looked at, one of its models is chosen. */
export function ConnectDialog({ opened, ...props }: Props & { opened: boolean }) {
  const { changes, onClose } = props;
  return (
    <Dialog opened={opened} onClose={onClose} title={changes ? m.models.changeTitle(changes.provider) : m.models.connectTitle}>
      <Steps {...props} />
    </Dialog>
  );
}

function Steps(props: Props) {
  const [found, setFound] = useState<Provider | null>(null);
  return found ? <Choose provider={found} onClose={props.onClose} /> : <Connect {...props} onFound={setFound} />;
}

function Connect({ changes, taken, onClose, onFound }: Props & { onFound: (provider: Provider) => void }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const form = useForm({
    initialValues: {
      kind: changes?.kind ?? ('openai' as ProviderKind),
      provider: changes?.provider ?? '',
      base_url: changes?.base_url ?? '',
      api_key: '',
    },
    validate: {
      provider: (name, { kind }) => {
        const given = name.trim() || usualName(kind);
        if (!/^[a-z0-9_-]{1,40}$/.test(given)) return m.models.nameWrong;
        return taken.includes(given) ? m.models.nameTaken : null;
      },
      base_url: (value, { kind }) => (kind === 'openai_compatible' && !value.trim() ? m.models.addressMissing : null),
    },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ kind, provider, base_url, api_key }) => {
    const name = provider.trim() || usualName(kind);
    const made = await models.connect(workspace, name, {
      kind,
      base_url: base_url.trim() || undefined,
      api_key: api_key.trim() || undefined,
    });
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'models') });
    if (made.state !== 'ready' && made.models.length > 0 && !made.default_model) {
      onFound(made);
      return;
    }
    toastDone(made.state === 'ready' ? m.models.connected(name) : m.models.connectedNotReady(name));
    onClose();
  });
  const { kind } = form.getValues();
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        {!changes && (
          <>
            <Select
              label={m.models.kindLabel}
              data={KINDS.map((value) => ({ value, label: m.models.kind[value] }))}
              data-autofocus
              {...form.getInputProps('kind')}
            />
            <TextInput label={m.app.nameField} description={m.models.nameHelp} placeholder={usualName(kind)} autoComplete="off" maxLength={40} {...form.getInputProps('provider')} />
          </>
        )}
        {(OWN_ADDRESS.includes(kind) || changes?.base_url) && (
          <TextInput
            label={m.models.address}
            description={kind === 'ollama' ? m.models.addressOllama : undefined}
            placeholder={m.models.addressExample}
            type="url"
            autoComplete="off"
            {...form.getInputProps('base_url')}
          />
        )}
        <PasswordInput
          label={m.models.key}
          description={changes?.has_key ? m.models.keyKept : OWN_ADDRESS.includes(kind) ? m.models.keyOptional : m.models.keyHelp}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': m.app.showText }}
          {...form.getInputProps('api_key')}
        />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Text size="sm" c="dimmed" role="status" mr="auto">
            {busy ? m.models.checking : ''}
          </Text>
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {changes ? m.models.change : m.engines.connect}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const usualName = (kind: ProviderKind) => (kind === 'openai_responses' ? 'openai' : kind === 'openai_compatible' ? 'own' : kind);

/** Which of the models that were found is used unless another one is named. */
function Choose({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const form = useForm({
    initialValues: { default_model: null as string | null },
    validate: { default_model: (value) => (value ? null : m.models.chooseModel) },
  });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ default_model }) => {
    const { provider: name, kind, base_url } = provider;
    const made = await models.connect(workspace, name, { kind, base_url: base_url ?? undefined, default_model: default_model ?? undefined });
    void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'models') });
    toastDone(made.state === 'ready' ? m.models.connected(name) : m.models.connectedNotReady(name));
    onClose();
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <FactList facts={provider.facts.filter(({ ok }) => ok === true)} />
        <Select
          label={m.models.defaultModel}
          description={m.models.found(provider.models.length)}
          placeholder={m.models.chooseModel}
          data={provider.models}
          searchable
          limit={100}
          nothingFoundMessage={m.models.noSuchModel}
          data-autofocus
          {...form.getInputProps('default_model')}
        />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Text size="sm" c="dimmed" role="status" mr="auto">
            {busy ? m.models.checking : ''}
          </Text>
          <Button variant="default" onClick={onClose}>
            {m.models.later}
          </Button>
          <Button type="submit" loading={busy}>
            {m.models.use}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
