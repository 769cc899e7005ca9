import { Menu, Text, Title } from '@mantine/core';
import { IconCheck, IconDots, IconEngine, IconKey, IconMinus, IconPlugConnectedX, IconPlugOff, IconTopologyStar3, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { Engine } from '@/api/contract';
import { engines, isBuiltIn } from '@/api/engines';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Act, ActIcon, ActItem } from '@/parts/act';
import classes from '@/parts/cards.module.css';
import { Confirm } from '@/parts/confirm';
import { checkedAt } from '@/parts/facts';
import { ButtonLink } from '@/parts/link';
import { toastDone, toastProblem } from '@/parts/problem';
import { Pill } from '@/parts/status';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import { ConnectDialog } from './connect-dialog';
import { DisconnectDialog } from './disconnect-dialog';
import { Facts, WallLine } from './facts';

/** One engine: how it stands, why, and what can be done about it. */
export function EngineCard({ engine }: { engine: Engine }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const manage = useReason('engines.connect');
  const look = useReason('engines.check');
  const heading = useId();
  const [asking, setAsking] = useState<'connect' | 'change' | 'rotate' | 'disconnect' | null>(null);
  const close = () => setAsking(null);
  const put = (view: Engine) =>
    cache.setQueryData<Engine[]>(keys.noun(workspace, 'engines'), (list) => list?.map((each) => (each.engine === view.engine ? view : each)));
  const check = useMutation({
    mutationFn: () => engines.check(workspace, engine.engine),
    onSuccess: (view) => {
      put(view);
      if (view.state === 'ready') toastDone(m.engines.isReady(view.title));
    },
    onError: toastProblem,
  });
  const builtIn = isBuiltIn(engine);
  const { title, connected } = engine;
  const broken = connected && engine.state === 'action_needed';
  return (
    <li className={classes.card} aria-labelledby={heading}>
      <div className={classes.head}>
        <span className={classes.mark} aria-hidden>
          {builtIn ? <IconEngine size={20} stroke={1.75} /> : <IconTopologyStar3 size={20} stroke={1.75} />}
        </span>
        <div className={classes.names}>
          <Title order={2} id={heading} className={classes.title} title={title}>
            {title}
          </Title>
          <Text size="sm" c="dimmed">
            {builtIn
              ? m.engines.about.builtIn
              : !connected
                ? m.engines.about.open
                : engine.version
                  ? m.engines.about.version(engine.version)
                  : engine.state === 'ready'
                    ? m.engines.about.untoldVersion
                    : m.engines.about.unknownVersion}
          </Text>
        </div>
        <span aria-live="polite">
          <State engine={engine} />
        </span>
      </div>
      <Facts engine={engine} />
      {engine.wall && <WallLine wall={engine.wall} />}
      <div className={classes.foot}>
        {!connected && (
          <Act reason={manage} onClick={() => setAsking('connect')}>
            {m.engines.connect}
          </Act>
        )}
        {broken && (
          <Act reason={manage} onClick={() => setAsking('connect')}>
            {m.engines.connectAgain}
          </Act>
        )}
        {connected && !builtIn && (
          <Act reason={look} variant="default" loading={check.isPending} onClick={() => check.mutate()} aria-label={m.engines.checkOf(title)}>
            {m.engines.check}
          </Act>
        )}
        {connected && !broken && (
          <ButtonLink
            variant="default"
            to="/w/$workspace/automations"
            params={{ workspace }}
            search={{ engine: engine.engine }}
            aria-label={m.engines.automationsOf(title)}
          >
            {m.engines.automations}
          </ButtonLink>
        )}
        {connected && !builtIn && (
          <>
            <Text size="xs" c="dimmed" className={classes.checked} role="status">
              {check.isPending ? (
                m.engines.checking
              ) : (
                <>
                  {m.engines.checked} <Ago at={checkedAt(engine.facts)} inherit />
                </>
              )}
            </Text>
            <Menu position="bottom-end" width={220}>
              <Menu.Target>
                <ActIcon name={m.engines.menu(title)}>
                  <IconDots size={18} stroke={1.75} />
                </ActIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {engine.wall === 'own_key' ? (
                  <ActItem reason={manage} leftSection={<IconKey size={18} stroke={1.75} />} onClick={() => setAsking('change')}>
                    {m.engines.change}
                  </ActItem>
                ) : (
                  <ActItem reason={manage} leftSection={<IconKey size={18} stroke={1.75} />} onClick={() => setAsking('rotate')}>
                    {m.engines.rotate}
                  </ActItem>
                )}
                <Menu.Divider />
                <ActItem reason={manage} color="red" leftSection={<IconPlugConnectedX size={18} stroke={1.75} />} onClick={() => setAsking('disconnect')}>
                  {m.engines.disconnect}
                </ActItem>
              </Menu.Dropdown>
            </Menu>
          </>
        )}
      </div>
      <ConnectDialog opened={asking === 'connect' || asking === 'change'} changes={asking === 'change'} onClose={close} engine={engine} onConnected={put} />
      <Confirm
        opened={asking === 'rotate'}
        onClose={close}
        title={m.engines.rotateTitle(title)}
        action={m.engines.rotateAction}
        onConfirm={async () => {
          put(await engines.rotate(workspace, engine.engine));
          toastDone(m.engines.rotated(title));
        }}
      >
        {m.engines.rotateText}
      </Confirm>
      <DisconnectDialog opened={asking === 'disconnect'} onClose={close} engine={engine} />
    </li>
  );
}

function State({ engine: { connected, state } }: { engine: Engine }) {
  if (!connected) return <Pill tone="quiet" icon={IconMinus} children={m.engines.notConnected} />;
  if (state === 'ready') return <Pill tone="ok" icon={IconCheck} children={m.engines.state.ready} />;
  if (state === 'unreachable') return <Pill tone="warn" icon={IconPlugOff} children={m.engines.state.unreachable} />;
  return <Pill tone="bad" icon={IconX} children={m.engines.state.action_needed} />;
}
