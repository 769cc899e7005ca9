import { Menu } from '@mantine/core';
import { IconChevronDown, IconPlayerSkipForward, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { RetryFrom, Run } from '@/api/contract';
import { flows } from '@/api/flows';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { Act, ActItem } from '@/parts/act';
import { useEngines } from '@/parts/engine';
import { toastDone, toastProblem } from '@/parts/problem';
import { useReason, useWorkspace } from '@/parts/workspace';

/** Repeats a run that has ended, as far as what ran it can. */
export function Retry({ run }: { run: Run }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const reason = useReason('runs.retry');
  const { of, pending } = useEngines();
  // Until it is known what its engine can, a press must not mean the lesser of two things.
  const resumes = of(run.engine)?.capabilities.retry_from_failed === true;
  const retry = useMutation({
    mutationFn: (from: RetryFrom) => flows.retry(workspace, run.id, from),
    onSuccess: async (next) => {
      void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'runs') });
      toastDone(m.runs.retried);
      await navigate({ to: '/w/$workspace/runs/$run', params: { workspace, run: next.id }, search: {} });
    },
    onError: toastProblem,
  });
  const button = (rest: { onClick?: () => void; rightSection?: React.ReactNode }) => (
    <Act reason={reason} variant="default" leftSection={<IconRefresh size={18} stroke={1.75} />} loading={retry.isPending || pending} {...rest}>
      {m.runs.retry}
    </Act>
  );
  if (reason || !resumes) return button({ onClick: () => retry.mutate('start') });
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>{button({ rightSection: <IconChevronDown size={16} stroke={1.75} /> })}</Menu.Target>
      <Menu.Dropdown>
        <ActItem
          reason={run.status === 'succeeded' ? m.runs.nothingFailed : null}
          leftSection={<IconPlayerSkipForward size={18} stroke={1.75} />}
          onClick={() => retry.mutate('failed_step')}
        >
          {m.runs.retryFailed}
        </ActItem>
        <Menu.Item leftSection={<IconRefresh size={18} stroke={1.75} />} onClick={() => retry.mutate('start')}>
          {m.runs.retryStart}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
