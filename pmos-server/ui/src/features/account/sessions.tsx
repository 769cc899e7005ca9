import { Button, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Session } from '@/api/contract';
import { identity, sessionsQuery } from '@/api/identity';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Loading, Section } from '@/parts/page';
import { ProblemView, toastDone, toastProblem } from '@/parts/problem';
import { Pill } from '@/parts/status';
import { Table, TwoLines } from '@/parts/table';
import { Ago } from '@/parts/time';
import { browserOf } from './user-agent';

/** Where one is signed in. */
export function Sessions() {
  const list = useQuery(sessionsQuery);
  const cache = useQueryClient();
  const end = useMutation({
    mutationFn: (sessions: Session[]) => Promise.all(sessions.map(({ id }) => identity.endSession(id))),
    onSuccess: () => {
      toastDone(m.account.ended);
      return cache.invalidateQueries({ queryKey: keys.sessions });
    },
    onError: toastProblem,
  });
  const others = list.data?.filter(({ current }) => !current) ?? [];
  return (
    <Section
      title={m.account.sessions}
      flush
      aside={
        others.length > 0 && (
          <Button variant="default" size="xs" loading={end.isPending} onClick={() => end.mutate(others)}>
            {m.account.endOthers}
          </Button>
        )
      }
    >
      {list.error && <ProblemView error={list.error} retry={list.refetch} />}
      {list.isPending && <Loading rows={2} />}
      {list.data && (
        <Table
          label={m.account.sessions}
          rows={list.data}
          rowKey={(session) => session.id}
          columns={[
            {
              key: 'where',
              head: m.account.where,
              grow: true,
              cell: (session) => <TwoLines first={<Text fw={550} span title={session.user_agent} children={browserOf(session.user_agent)} />} second={session.address} />,
            },
            { key: 'since', head: m.account.since, cell: ({ created_at }) => <Ago at={created_at} size="sm" c="dimmed" /> },
            { key: 'used', head: m.account.lastUsed, cell: ({ last_used_at }) => <Ago at={last_used_at} size="sm" c="dimmed" /> },
            {
              key: 'end',
              head: m.app.actions,
              bare: true,
              cell: (session) =>
                session.current ? (
                  <Pill tone="accent">{m.account.thisOne}</Pill>
                ) : (
                  <Button variant="default" size="xs" aria-label={m.account.endOf(browserOf(session.user_agent))} onClick={() => end.mutate([session])}>
                    {m.account.end}
                  </Button>
                ),
            },
          ]}
        />
      )}
    </Section>
  );
}
