import { Code, Text } from '@mantine/core';
import { IconKey, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '@/api/contract';
import { keys } from '@/api/keys';
import { apiKeysQuery, workspaces } from '@/api/workspaces';
import { m } from '@/messages/en';
import { Act, ActIcon } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { Empty } from '@/parts/empty';
import { NotAllowed } from '@/parts/not-allowed';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView, toastDone } from '@/parts/problem';
import { SectionTabs } from '@/parts/section-tabs';
import { Table, TwoLines } from '@/parts/table';
import { Ago } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import { CreateDialog } from './create-dialog';

export function ApiKeysPage() {
  const { id } = useWorkspace();
  const closed = useReason('api_keys.list');
  const list = useQuery({ ...apiKeysQuery(id), enabled: !closed });
  const reason = useReason('api_keys.create');
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const cache = useQueryClient();
  const create = (
    <Act reason={reason} leftSection={<IconPlus size={18} />} onClick={() => setCreating(true)}>
      {m.keys.create}
    </Act>
  );
  return (
    <Page title={m.keys.title} subtitle={m.keys.subtitle} actions={create}>
      <SectionTabs group="integrations" />
      {closed ? (
        <NotAllowed reason={closed} />
      ) : (
        <Section flush>
          {list.error && <ProblemView error={list.error} retry={list.refetch} />}
          {list.isPending && <Loading rows={2} />}
          {list.data?.length === 0 && (
            <Empty icon={IconKey} title={m.keys.none} text={m.keys.noneText}>
              {create}
            </Empty>
          )}
          {list.data && list.data.length > 0 && (
            <Table
              label={m.keys.title}
              rows={list.data}
              rowKey={(key) => key.id}
              columns={[
                {
                  key: 'name',
                  head: m.keys.name,
                  grow: true,
                  cell: (key) => <TwoLines first={<Text fw={550} span children={key.name} />} second={key.service ? m.keys.service : m.keys.personal} />,
                },
                { key: 'prefix', head: m.keys.begins, cell: ({ prefix }) => <Code>{prefix}…</Code> },
                { key: 'scopes', head: m.keys.scopes, cell: ({ scopes }) => <Text size="sm" children={scopes.join(', ')} style={{ overflowWrap: 'anywhere' }} /> },
                { key: 'used', head: m.keys.used, cell: ({ last_used_at }) => (last_used_at ? <Ago at={last_used_at} size="sm" /> : m.flows.never) },
                { key: 'expires', head: m.keys.expires, cell: ({ expires_at }) => (expires_at ? <Ago at={expires_at} size="sm" /> : m.flows.never) },
                {
                  key: 'menu',
                  head: m.app.actions,
                  bare: true,
                  cell: (key) => (
                    <ActIcon name={m.keys.revokeOf(key.name)} onClick={() => setRevoking(key)}>
                      <IconTrash size={18} stroke={1.75} />
                    </ActIcon>
                  ),
                },
              ]}
            />
          )}
        </Section>
      )}
      <CreateDialog opened={creating} onClose={() => setCreating(false)} />
      <Confirm
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={m.keys.revokeTitle(revoking?.name ?? '')}
        action={m.keys.revoke}
        onConfirm={async () => {
          if (!revoking) return;
          await workspaces.revokeKey(id, revoking.id);
          toastDone(m.keys.revoked(revoking.name));
          await cache.invalidateQueries({ queryKey: keys.noun(id, 'api-keys') });
        }}
      >
        {m.keys.revokeText}
      </Confirm>
    </Page>
  );
}
