import { Code, Group, Menu, Text } from '@mantine/core';
import { IconCircleCheck, IconDots, IconKey, IconPencil, IconPlug, IconPlus, IconSearchOff, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { connections, connectionsQuery } from '@/api/connections';
import type { Connection } from '@/api/contract';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Act, ActIcon, ActItem } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { Empty } from '@/parts/empty';
import { EngineFilter, useEngines } from '@/parts/engine';
import { ButtonLink } from '@/parts/link';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView, toastDone } from '@/parts/problem';
import { RenameDialog } from '@/parts/rename-dialog';
import { SectionTabs } from '@/parts/section-tabs';
import { Table, TwoLines } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import classes from './connections.module.css';
import { CreateDialog } from '@/fields/connection/create-dialog';
import { ReplaceDialog } from './replace-dialog';
import { isOwnKind } from '@/fields/connection/secret-fields';
import { TestDialog } from './test-dialog';

export function ConnectionsPage() {
  const { id } = useWorkspace();
  const { engine } = useSearch({ from: '/inside/w/$workspace/integrations/connections' });
  const navigate = useNavigate({ from: '/w/$workspace/integrations/connections' });
  const { several, titleOf } = useEngines();
  const list = useQuery({
    ...connectionsQuery(id),
    select: (all) => (engine === undefined ? all : all.filter((connection) => connection.engine === engine)),
  });
  const reason = useReason('connections.create');
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title={m.connections.title}
      subtitle={m.connections.subtitle}
      actions={
        <Act reason={reason} leftSection={<IconPlus size={18} />} onClick={() => setCreating(true)}>
          {m.connections.create}
        </Act>
      }
    >
      <SectionTabs group="integrations" />
      {(several || engine !== undefined) && (
        <div className={classes.filters}>
          <EngineFilter value={engine} onChange={(next) => navigate({ search: { engine: next }, replace: true })} />
        </div>
      )}
      <Section flush>
        {list.error && <ProblemView error={list.error} retry={list.refetch} />}
        {list.isPending && <Loading rows={3} />}
        {list.data?.length === 0 && engine !== undefined && <Empty icon={IconSearchOff} title={m.connections.noMatch} text={m.flows.noMatchText} />}
        {list.data?.length === 0 && engine === undefined && (
          <Empty icon={IconPlug} title={m.connections.none} text={m.connections.noneText}>
            <Act reason={reason} leftSection={<IconPlus size={18} />} onClick={() => setCreating(true)}>
              {m.connections.create}
            </Act>
          </Empty>
        )}
        {list.data && list.data.length > 0 && (
          <Table
            label={m.connections.title}
            rows={list.data}
            rowKey={(connection) => connection.id}
            columns={[
              {
                key: 'name',
                head: m.connections.name,
                grow: true,
                cell: (connection) => (
                  <TwoLines
                    first={<Text fw={550} span children={connection.name} />} second={[
                      isOwnKind(connection.kind) ? m.connections.kinds[connection.kind] : connection.kind,
                      ...(several ? [m.engines.of(titleOf(connection.engine))] : []),
                    ].join(', ')}
                  />
                ),
              },
              { key: 'secret', head: m.connections.secret, cell: ({ last_four }) => <Code>{m.connections.ending(last_four ?? '')}</Code> },
              { key: 'hosts', head: m.connections.hosts, cell: ({ hosts }) => <Text size="sm" children={hosts.join(', ') || m.app.none} style={{ overflowWrap: 'anywhere' }} /> },
              { key: 'used', head: m.connections.usedBy, cell: (connection) => <UsedBy connection={connection} workspace={id} /> },
              { key: 'updated', head: m.connections.changed, align: 'end', cell: ({ updated_at }) => <Ago at={updated_at} size="sm" c="dimmed" /> },
              { key: 'menu', head: m.app.actions, bare: true, cell: (connection) => <ConnectionMenu connection={connection} /> },
            ]}
          />
        )}
      </Section>
      <CreateDialog opened={creating} onClose={() => setCreating(false)} />
    </Page>
  );
}

function UsedBy({ connection: { used_by }, workspace }: { connection: Connection; workspace: string }) {
  if (used_by.length === 0) return <Text size="sm" c="dimmed" children={m.connections.unused} />;
  return (
    <Group gap={4}>
      {used_by.slice(0, 3).map(({ id, name }) => (
        <ButtonLink key={id} variant="default" size="compact-xs" maw={180} to="/w/$workspace/automations/$flow" params={{ workspace, flow: id }}>
          {name}
        </ButtonLink>
      ))}
      {used_by.length > 3 && <Text size="xs" c="dimmed" children={m.connections.moreUses(used_by.length - 3)} />}
    </Group>
  );
}

function ConnectionMenu({ connection }: { connection: Connection }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const manage = useReason('connections.create');
  const test = useReason('connections.test');
  const [asking, setAsking] = useState<'rename' | 'replace' | 'test' | 'delete' | null>(null);
  const close = () => setAsking(null);
  const stale = () => cache.invalidateQueries({ queryKey: keys.noun(workspace, 'connections') });
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActIcon name={m.connections.menu(connection.name)}>
            <IconDots size={18} stroke={1.75} />
          </ActIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <ActItem reason={test} leftSection={<IconCircleCheck size={18} stroke={1.75} />} onClick={() => setAsking('test')}>
            {m.connections.test}
          </ActItem>
          <ActItem reason={manage} leftSection={<IconPencil size={18} stroke={1.75} />} onClick={() => setAsking('rename')}>
            {m.app.rename}
          </ActItem>
          <ActItem reason={manage} leftSection={<IconKey size={18} stroke={1.75} />} onClick={() => setAsking('replace')}>
            {m.connections.replace}
          </ActItem>
          <Menu.Divider />
          <ActItem reason={manage} color="red" leftSection={<IconTrash size={18} stroke={1.75} />} onClick={() => setAsking('delete')}>
            {m.app.delete}
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <RenameDialog
        opened={asking === 'rename'}
        onClose={close}
        title={m.connections.renameTitle}
        name={connection.name}
        onRename={async (name) => {
          await connections.rename(workspace, connection.id, name);
          await stale();
        }}
      />
      <ReplaceDialog opened={asking === 'replace'} onClose={close} connection={connection} />
      <TestDialog opened={asking === 'test'} onClose={close} connection={connection} />
      <Confirm
        opened={asking === 'delete'}
        onClose={close}
        title={m.connections.deleteTitle(connection.name)}
        action={m.connections.deleteAction}
        onConfirm={async () => {
          await connections.delete(workspace, connection.id);
          toastDone(m.connections.deleted(connection.name));
          await stale();
        }}
      >
        {connection.used_by.length > 0 ? m.connections.deleteUsed(connection.used_by.map(({ name }) => name).join(', ')) : m.connections.deleteText}
      </Confirm>
    </>
  );
}
