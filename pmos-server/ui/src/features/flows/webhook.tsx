import { Stack, Text } from '@mantine/core';
import type { Flow, StepRun } from '@/api/contract';
import { m } from '@/messages/en';
import { CopyText } from '@/parts/copy';

/** Where to send to, and a line that does it. */
export function Webhook({ flow, address, last, sample }: { flow: Flow; address: string; last: Map<string, StepRun>; sample: unknown }) {
  const trigger = flow.draft.steps.find(({ kind }) => kind === 'trigger');
  const received = (last.get(trigger?.id ?? '')?.output as { body?: unknown } | undefined)?.body;
  return (
    <Stack gap="xs">
      <Text fw={550}>{m.webhook.address}</Text>
      <CopyText value={address} label={m.webhook.address} />
      <Text size="xs" c="dimmed">
        {flow.published && flow.enabled ? m.webhook.live : m.webhook.notLive}
      </Text>
      <Text fw={550}>{m.webhook.try}</Text>
      <CopyText value={curl(address, received ?? sample)} label={m.webhook.command} />
    </Stack>
  );
}

/** Quoted for a POSIX shell, whatever the body holds. */
function curl(address: string, body: unknown): string {
  const text = JSON.stringify(body ?? {});
  return `curl -H 'content-type: application/json' -d '${text.replaceAll("'", "'\\''")}' '${address}'`;
}
