import { useMutation, useQueryClient } from '@tanstack/react-query';
import { flows } from '@/api/flows';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { toastDone, toastProblem } from '@/parts/problem';
import { useReason } from '@/parts/workspace';

interface Switchable {
  id: string;
  name: string;
  enabled: boolean;
  published?: unknown;
}

/** Turns an automation on or off, or says why it cannot be. */
export function useToggle(workspace: string, flow: Switchable) {
  const cache = useQueryClient();
  const right = useReason('flows.publish');
  const reason = right ?? (flow.published ? null : m.flows.publishFirst);
  const act = useMutation({
    mutationFn: () => (flow.enabled ? flows.disable(workspace, flow.id) : flows.enable(workspace, flow.id)),
    onSuccess: (changed) => {
      cache.setQueryData(keys.of(workspace, 'flow', flow.id), changed);
      toastDone(changed.enabled ? m.flows.turnedOn(flow.name) : m.flows.turnedOff(flow.name));
      return cache.invalidateQueries({ queryKey: keys.noun(workspace, 'flows') });
    },
    onError: toastProblem,
  });
  return {
    busy: act.isPending,
    reason,
    flip: () => {
      if (!reason && !act.isPending) act.mutate();
    },
  };
}
