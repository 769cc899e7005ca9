import { Button, Group, Text } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { actAs, setActAs } from '@/api/act-as';
import { onScreen } from '@/api/conversation';
import { followEvents } from '@/api/events';
import { meQuery } from '@/api/identity';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { exactTime } from '@/parts/time';
import { WorkspaceProvider } from '@/parts/workspace';
import { rememberWorkspace } from './last-workspace';
import classes from './shell.module.css';
import { Left, Missing } from '@/parts/missing';

/** The workspace of the address: who one is in it, and its live events. */
export function WorkspaceFrame() {
  const { workspace: id } = useParams({ from: '/inside/w/$workspace' });
  const { data: me } = useSuspenseQuery(meQuery);
  const membership = me.workspaces.find((each) => each.id === id);
  const acting = membership ? null : actAs(id);
  const member = membership !== undefined;
  const known = member || acting !== null;
  const cache = useQueryClient();

  const { run, flow } = useParams({ strict: false });
  const session = useSyncExternalStore(onScreen.subscribe, onScreen.session);

  useEffect(() => {
    if (member) rememberWorkspace(id);
    return () => cache.removeQueries({ queryKey: keys.all(id) });
  }, [id, member, cache]);

  useEffect(() => {
    if (!known) return;
    const stop = new AbortController();
    void followEvents(id, { run, flow, session }, cache, stop.signal);
    return () => stop.abort();
  }, [id, known, run, flow, session, cache]);

  // Some of what an automation shows is for those alone who may start it.
  const role = membership?.role;
  const before = useRef(role);
  useEffect(() => {
    if (before.current !== role) void cache.invalidateQueries({ queryKey: keys.noun(id, 'flow') });
    before.current = role;
  }, [id, role, cache]);

  const left = useRef<{ id: string; name: string } | null>(null);
  if (membership) left.current = membership;
  if (!known) return left.current?.id === id ? <Left name={left.current.name} /> : <Missing />;
  const here = membership
    ? { id, name: membership.name, role: membership.role, acting: null }
    : { id, name: acting?.name ?? '', role: 'workspace_admin' as const, acting };
  return (
    <WorkspaceProvider value={here}>
      {acting && <ActingBanner name={acting.name} until={acting.expires_at} />}
      <Outlet />
    </WorkspaceProvider>
  );
}

function ActingBanner({ name, until }: { name: string; until: string }) {
  const navigate = useNavigate();
  const end = async () => {
    await navigate({ to: '/instance' });
    setActAs(null);
  };
  return (
    <div className={classes.acting} role="status">
      <Group gap="xs" wrap="nowrap">
        <IconShieldLock size={18} aria-hidden />
        <Text size="sm">{m.actAs.banner(name, exactTime(until))}</Text>
      </Group>
      <Button size="xs" variant="default" onClick={end}>
        {m.actAs.end}
      </Button>
    </div>
  );
}
