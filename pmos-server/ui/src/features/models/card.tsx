import { Menu, Select, Text, Title } from '@mantine/core';
import { IconCheck, IconDots, IconKey, IconPlugConnectedX, IconPlugOff, IconSparkles, IconStar, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { Provider } from '@/api/contract';
import { keys } from '@/api/keys';
import { models } from '@/api/models';
import { m } from '@/messages/en';
import { Act, ActIcon, ActItem } from '@/parts/act';
import classes from '@/parts/cards.module.css';
import { Confirm } from '@/parts/confirm';
import { checkedAt, FactList } from '@/parts/facts';
import { toastDone, toastProblem } from '@/parts/problem';
import { Pill } from '@/parts/status';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import { ConnectDialog } from './connect-dialog';

/** One provider: how it stands, why, which model is used, and what can be done about it. */
export function ProviderCard({ provider }: { provider: Provider }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const reason = useReason('models.connect');
  const heading = useId();
  const [asking, setAsking] = useState<'change' | 'disconnect' | null>(null);
  const { provider: name, kind, base_url, state, facts, default_model, preferred } = provider;
  const stale = () => cache.invalidateQueries({ queryKey: keys.noun(workspace, 'models') });
  const told = { onSuccess: stale, onError: toastProblem };
  const check = useMutation({ mutationFn: () => models.check(workspace, name), ...told });
  const set = useMutation({
    mutationFn: (changed: { default_model?: string; preferred?: boolean }) => models.connect(workspace, name, { kind, base_url: base_url ?? undefined, ...changed }),
    ...told,
  });
  const choices = [...new Set([...(default_model ? [default_model] : []), ...provider.models])];
  const broken = state === 'action_needed';
  return (
    <li className={classes.card} aria-labelledby={heading}>
      <div className={classes.head}>
        <span className={classes.mark} aria-hidden>
          <IconSparkles size={20} stroke={1.75} />
        </span>
        <div className={classes.names}>
          <Title order={2} id={heading} className={classes.title} title={name}>
            {name}
          </Title>
          <Text size="sm" c="dimmed" className={classes.title} title={base_url ?? undefined}>
            {base_url ? m.models.at(m.models.kind[kind], new URL(base_url).host) : m.models.kind[kind]}
          </Text>
        </div>
        {preferred && <Pill tone="accent" icon={IconStar} children={m.models.isDefault} />}
        <span aria-live="polite">
          <State state={state} />
        </span>
      </div>
      <FactList facts={facts} />
      <Select
        label={m.models.defaultModel}
        description={m.models.defaultModelHelp}
        placeholder={m.models.chooseModel}
        data={choices}
        value={default_model ?? null}
        searchable
        limit={100}
        readOnly={reason !== null || set.isPending}
        onChange={(model) => model && set.mutate({ default_model: model })}
        nothingFoundMessage={m.models.noSuchModel}
      />
      <div className={classes.foot}>
        {broken && (
          <Act reason={reason} onClick={() => setAsking('change')}>
            {m.models.change}
          </Act>
        )}
        <Act reason={reason} variant="default" loading={check.isPending} onClick={() => check.mutate()} aria-label={m.engines.checkOf(name)}>
          {m.engines.check}
        </Act>
        <Text size="xs" c="dimmed" className={classes.checked} role="status">
          {check.isPending || set.isPending ? (
            m.models.checking
          ) : (
            <>
              {m.engines.checked} <Ago at={checkedAt(facts)} span inherit />
            </>
          )}
        </Text>
        <Menu position="bottom-end" width={240}>
          <Menu.Target>
            <ActIcon name={m.engines.menu(name)}>
              <IconDots size={18} stroke={1.75} />
            </ActIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <ActItem
              reason={reason ?? (preferred ? m.models.isDefaultReason : null)}
              leftSection={<IconStar size={18} stroke={1.75} />}
              onClick={() => set.mutate({ preferred: true })}
            >
              {m.models.makeDefault}
            </ActItem>
            <ActItem reason={reason} leftSection={<IconKey size={18} stroke={1.75} />} onClick={() => setAsking('change')}>
              {m.models.change}
            </ActItem>
            <Menu.Divider />
            <ActItem reason={reason} color="red" leftSection={<IconPlugConnectedX size={18} stroke={1.75} />} onClick={() => setAsking('disconnect')}>
              {m.models.disconnect}
            </ActItem>
          </Menu.Dropdown>
        </Menu>
      </div>
      <ConnectDialog opened={asking === 'change'} onClose={() => setAsking(null)} changes={provider} taken={[]} />
      <Confirm
        opened={asking === 'disconnect'}
        onClose={() => setAsking(null)}
        title={m.models.disconnectTitle(name)}
        action={m.models.disconnect}
        onConfirm={async () => {
          await models.disconnect(workspace, name);
          toastDone(m.models.disconnected(name));
          await stale();
        }}
      >
        {m.models.disconnectText}
      </Confirm>
    </li>
  );
}

function State({ state }: Pick<Provider, 'state'>) {
  if (state === 'ready') return <Pill tone="ok" icon={IconCheck} children={m.engines.state.ready} />;
  if (state === 'unreachable') return <Pill tone="warn" icon={IconPlugOff} children={m.engines.state.unreachable} />;
  return <Pill tone="bad" icon={IconX} children={m.engines.state.action_needed} />;
}
