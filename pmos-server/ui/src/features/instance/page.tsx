import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconBuilding } from '@tabler/icons-react';
import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { setActAs } from '@/api/act-as';
import type { WorkspaceSummary } from '@/api/contract';
import { meQuery } from '@/api/identity';
import { allWorkspacesQuery, workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { Empty } from '@/parts/empty';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { useSubmit } from '@/parts/submit';
import { More, Table } from '@/parts/table';
import { Ago, count } from '@/parts/time';

/** All workspaces of the server, for who runs it. */
export function InstancePage() {
  const { data: me } = useSuspenseQuery(meQuery);
  const list = useInfiniteQuery({ ...allWorkspacesQuery, enabled: me.user.super_admin });
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<WorkspaceSummary | null>(null);
  const own = new Set(me.workspaces.map(({ id }) => id));
  return (
    <Page title={m.instance.title} subtitle={m.instance.subtitle}>
      {me.user.super_admin && <SectionTabs group="instance" />}
      <Section flush>
        {!me.user.super_admin && <Empty icon={IconBuilding} title={m.missing.head} text={m.problem.notFound} />}
        {list.error && <ProblemView error={list.error} retry={list.refetch} />}
        {list.isLoading && <Loading rows={4} />}
        {list.data && (
          <Table
            label={m.instance.workspaces}
            rows={list.data}
            rowKey={(workspace) => workspace.id}
            columns={[
              { key: 'name', head: m.instance.workspace, grow: true, cell: ({ name }) => <Text fw={550} children={name} /> },
              { key: 'members', head: m.instance.members, align: 'end', cell: ({ members }) => count(members) },
              { key: 'flows', head: m.instance.flows, align: 'end', cell: ({ flows }) => count(flows) },
              { key: 'created', head: m.instance.created, align: 'end', cell: ({ created_at }) => <Ago at={created_at} size="sm" c="dimmed" /> },
              {
                key: 'open',
                head: m.app.actions,
                bare: true,
                cell: (workspace) => (
                  <Button
                    size="xs"
                    variant="default"
                    aria-label={own.has(workspace.id) ? m.instance.openOf(workspace.name) : m.actAs.openOf(workspace.name)}
                    onClick={() =>
                      own.has(workspace.id)
                        ? navigate({ to: '/w/$workspace', params: { workspace: workspace.id } })
                        : setChosen(workspace)
                    }
                  >
                    {own.has(workspace.id) ? m.instance.open : m.actAs.open}
                  </Button>
                ),
              },
            ]}
          />
        )}
        <More list={list} />
      </Section>
      <Dialog opened={chosen !== null} onClose={() => setChosen(null)} title={m.actAs.title(chosen?.name ?? '')}>
        {chosen && <ActAs workspace={chosen} onClose={() => setChosen(null)} />}
      </Dialog>
    </Page>
  );
}

function ActAs({ workspace, onClose }: { workspace: WorkspaceSummary; onClose: () => void }) {
  const navigate = useNavigate();
  const form = useForm({ initialValues: { reason: '' }, validate: { reason: (value) => (value.trim() ? null : m.actAs.reasonMissing) } });
  const { onSubmit, problem, busy } = useSubmit(form, async ({ reason }) => {
    const grant = await workspaces.actAs(workspace.id, reason.trim());
    setActAs({ ...grant, workspace: workspace.id, name: workspace.name });
    await navigate({ to: '/w/$workspace', params: { workspace: workspace.id } });
  });
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack>
        <Text>{m.actAs.text}</Text>
        <Textarea label={m.actAs.reason} autosize minRows={2} data-autofocus {...form.getInputProps('reason')} />
        {problem && <ProblemView error={problem} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {m.app.cancel}
          </Button>
          <Button type="submit" loading={busy}>
            {m.actAs.open}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
