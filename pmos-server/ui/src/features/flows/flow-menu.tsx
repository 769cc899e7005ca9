import { Menu } from '@mantine/core';
import { IconCopy, IconDots, IconPencil, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { flows } from '@/api/flows';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ActIcon, ActItem } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { toastDone, toastProblem } from '@/parts/problem';
import { useReason, useWorkspace } from '@/parts/workspace';
import { RenameDialog } from '@/parts/rename-dialog';

/** What can be done with an automation as a whole. */
export function FlowMenu({ flow, gone }: { flow: { id: string; name: string }; gone?: () => unknown }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const edit = useReason('flows.edit');
  const remove = useReason('flows.delete');
  const [asking, setAsking] = useState<'rename' | 'delete' | null>(null);
  const stale = () =>
    Promise.all([
      cache.invalidateQueries({ queryKey: keys.noun(workspace, 'flows') }),
      cache.invalidateQueries({ queryKey: keys.noun(workspace, 'dashboard') }),
    ]);
  const duplicate = useMutation({
    mutationFn: () => flows.duplicate(workspace, flow.id),
    onSuccess: async (copy) => {
      await stale();
      toastDone(m.flows.duplicated(copy.name));
      await navigate({ to: '/w/$workspace/automations/$flow', params: { workspace, flow: copy.id } });
    },
    onError: toastProblem,
  });
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <ActIcon name={m.flows.menu(flow.name)}>
            <IconDots size={18} stroke={1.75} />
          </ActIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconPlayerPlay size={18} stroke={1.75} />}
            onClick={() => navigate({ to: '/w/$workspace/runs', params: { workspace }, search: { flow: flow.id } })}
          >
            {m.flows.seeRuns}
          </Menu.Item>
          <ActItem reason={edit} leftSection={<IconPencil size={18} stroke={1.75} />} onClick={() => setAsking('rename')}>
            {m.app.rename}
          </ActItem>
          <ActItem reason={edit} leftSection={<IconCopy size={18} stroke={1.75} />} onClick={() => duplicate.mutate()}>
            {m.flows.duplicate}
          </ActItem>
          <Menu.Divider />
          <ActItem reason={remove} color="red" leftSection={<IconTrash size={18} stroke={1.75} />} onClick={() => setAsking('delete')}>
            {m.app.delete}
          </ActItem>
        </Menu.Dropdown>
      </Menu>
      <RenameDialog
        opened={asking === 'rename'}
        onClose={() => setAsking(null)}
        title={m.flows.renameTitle}
        name={flow.name}
        onRename={async (name) => {
          const renamed = await flows.rename(workspace, flow.id, name);
          cache.setQueryData(keys.of(workspace, 'flow', flow.id), renamed);
          await stale();
        }}
      />
      <Confirm
        opened={asking === 'delete'}
        onClose={() => setAsking(null)}
        title={m.flows.deleteTitle(flow.name)}
        action={m.flows.deleteAction}
        onConfirm={async () => {
          await flows.delete(workspace, flow.id);
          toastDone(m.flows.deleted(flow.name));
          await gone?.();
          await stale();
        }}
      >
        {m.flows.deleteText}
      </Confirm>
    </>
  );
}
