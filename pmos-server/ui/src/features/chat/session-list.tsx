import { Button, Menu, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBolt, IconDots, IconPencil, IconPlus, IconSearch, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { chat, sessionsQuery } from '@/api/chat';
import type { ChatSession } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ActIcon, ActItem } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { Loading } from '@/parts/page';
import { ProblemView, toastDone } from '@/parts/problem';
import { RenameDialog } from '@/parts/rename-dialog';
import { More } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useWorkspace } from '@/parts/workspace';
import classes from './chat.module.css';

interface Props {
  current: string | undefined;
  /** Opens one, or a new one. */
  onOpen: (session: string | undefined) => void;
  onPicked: () => void;
}

const titleOf = ({ title }: ChatSession) => title || m.chat.untitled;

/** One's own conversations, newest first. */
export function SessionList({ current, onOpen, onPicked }: Props) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), 250);
  const list = useInfiniteQuery(sessionsQuery(workspace, q || undefined));
  const [asking, setAsking] = useState<{ what: 'rename' | 'delete'; session: ChatSession } | null>(null);
  const close = () => setAsking(null);
  const stale = () => cache.invalidateQueries({ queryKey: keys.noun(workspace, 'chats') });
  return (
    <div className={classes.list}>
      <Button leftSection={<IconPlus size={18} stroke={1.75} />} onClick={() => onOpen(undefined)}>
        {m.chat.new}
      </Button>
      <TextInput
        type="search"
        aria-label={m.chat.search}
        placeholder={m.chat.search}
        leftSection={<IconSearch size={16} stroke={1.75} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {list.error && !list.data && <ProblemView error={list.error} retry={list.refetch} />}
      {list.isPending && <Loading rows={4} height={36} />}
      {list.data?.length === 0 && (
        <Text size="sm" c="dimmed" p={8}>
          {q ? m.chat.noMatch : m.chat.none}
        </Text>
      )}
      <ul className={classes.entries} aria-label={m.chat.sessions}>
        {list.data?.map((session) => (
          <li key={session.id} className={classes.entry} data-current={session.id === current || undefined}>
            <Link
              to="/w/$workspace/chat/{-$session}"
              params={{ workspace, session: session.id }}
              className={classes.link}
              aria-current={session.id === current ? 'page' : undefined}
              onClick={onPicked}
              title={titleOf(session)}
            >
              <span className={classes.title}>
                {session.flow && <IconBolt size={14} stroke={1.75} role="img" aria-label={m.chat.aboutFlow} />}
                <span className={classes.cut}>{titleOf(session)}</span>
              </span>
              <Ago at={session.updated_at} size="xs" c="dimmed" />
            </Link>
            <Menu position="bottom-end" width={180}>
              <Menu.Target>
                <ActIcon name={m.chat.menu(titleOf(session))} size={32}>
                  <IconDots size={16} stroke={1.75} />
                </ActIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <ActItem leftSection={<IconPencil size={18} stroke={1.75} />} onClick={() => setAsking({ what: 'rename', session })}>
                  {m.app.rename}
                </ActItem>
                <Menu.Divider />
                <ActItem color="red" leftSection={<IconTrash size={18} stroke={1.75} />} onClick={() => setAsking({ what: 'delete', session })}>
                  {m.app.delete}
                </ActItem>
              </Menu.Dropdown>
            </Menu>
          </li>
        ))}
      </ul>
      <More list={list} />
      <RenameDialog
        opened={asking?.what === 'rename'}
        onClose={close}
        title={m.chat.renameTitle}
        name={asking?.session.title ?? ''}
        onRename={async (name) => {
          if (asking) await chat.rename(workspace, asking.session.id, name);
          await stale();
        }}
      />
      <Confirm
        opened={asking?.what === 'delete'}
        onClose={close}
        title={m.chat.deleteTitle(asking ? titleOf(asking.session) : '')}
        action={m.chat.delete}
        onConfirm={async () => {
          if (!asking) return;
          await chat.delete(workspace, asking.session.id);
          toastDone(m.chat.deleted);
          if (asking.session.id === current) onOpen(undefined);
          await stale();
        }}
      >
        {m.chat.deleteText}
      </Confirm>
    </div>
  );
}
