import { Alert, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconBan, IconHourglass, IconInfoCircle, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { Run } from '@/api/contract';
import { flowNamesQuery, flows, runQuery } from '@/api/flows';
import { keys } from '@/api/keys';
import { m } from '@/messages/en';
import { ButtonLink, TextLink } from '@/parts/link';
import { Act } from '@/parts/act';
import { useEngines } from '@/parts/engine';
import { JsonView } from '@/parts/json';
import { leadsNowhere, Missing } from '@/parts/missing';
import { Loading, Page, Section } from '@/parts/page';
import { ProblemView, toastProblem } from '@/parts/problem';
import { StatusPill } from '@/parts/status';
import { duration, exactTime, fromNow } from '@/parts/time';
import { useReason, useWorkspace } from '@/parts/workspace';
import { firstInterest, parsePath, printPath, stepAt, stepOf } from './path';
import { Retry } from './retry';
import classes from './runs.module.css';
import { StepDetail } from './step-detail';
import { StepTree } from './step-tree';

const OPEN = new Set(['queued', 'running', 'waiting']);

export function RunPage() {
  const { id: workspace } = useWorkspace();
  const { run: runId } = useParams({ from: '/inside/w/$workspace/runs/$run' });
  const run = useQuery({
    ...runQuery(workspace, runId),
    // Events tell what happens; this only catches what a lost connection did not.
    refetchInterval: ({ state }) => (state.data && OPEN.has(state.data.status) ? 5_000 : false),
  });
  if (run.error && !run.data) {
    if (leadsNowhere(run.error)) return <Missing />;
    return (
      <Page title={m.runs.one}>
        <ProblemView error={run.error} retry={run.refetch} />
      </Page>
    );
  }
  if (!run.data) {
    return (
      <Page title={m.runs.one}>
        <Loading rows={6} />
      </Page>
    );
  }
  return <Shown run={run.data} />;
}

function Shown({ run }: { run: Run }) {
  const { id: workspace } = useWorkspace();
  const { at } = useSearch({ from: '/inside/w/$workspace/runs/$run' });
  const navigate = useNavigate({ from: '/w/$workspace/runs/$run' });
  const names = useQuery(flowNamesQuery(workspace));
  const { several, titleOf } = useEngines();
  const name = names.data?.find(({ id }) => id === run.flow)?.name ?? m.runs.one;
  const path = at ? parsePath(at) : firstInterest(run.steps);
  const step = stepAt(run.steps, path);
  const select = (next: string[]) => navigate({ search: { at: printPath(next) }, replace: true, resetScroll: false });
  return (
    <Page
      title={name}
      badge={
        <span aria-live="polite">
          <StatusPill status={run.status} />
        </span>
      }
      subtitle={
        <>
          {m.runs.about(exactTime(run.started_at), m.runs.triggers[run.trigger].toLowerCase())}
          {run.duration_ms !== null && m.runs.took(duration(run.duration_ms))}
          {', '}
          {run.version === null ? m.runs.ofDraft : m.runs.ofVersion(run.version)}
          {several && `, ${m.engines.of(titleOf(run.engine))}`}
        </>
      }
      actions={
        <>
          {run.parent && (
            <ButtonLink variant="default" to="/w/$workspace/runs/$run" params={{ workspace, run: run.parent }} search={{}}>
              {m.runs.parent}
            </ButtonLink>
          )}
          <ButtonLink variant="default" to="/w/$workspace/automations/$flow" params={{ workspace, flow: run.flow }} search={{ step: stepOf(path) }}>
            {m.runs.openFlow}
          </ButtonLink>
          {OPEN.has(run.status) ? <Cancel run={run} /> : <Retry run={run} />}
        </>
      }
    >
      <Outcome run={run} path={path} />
      {run.status === 'waiting' && <Waiting run={run} />}
      <div className={classes.detail}>
        <Section title={m.editor.steps}>
          <StepTree steps={run.steps} selected={path} onSelect={select} />
          {run.steps.length === 0 && !run.note && (OPEN.has(run.status) ? m.runs.noSteps : m.runs.noStepsKept)}
          {run.note && (
            <Group gap={8} wrap="nowrap" align="flex-start" mt={run.steps.length > 0 ? 'sm' : undefined}>
              <IconInfoCircle size={18} stroke={1.75} className={classes.noteIcon} aria-hidden />
              <Text size="sm" c="dimmed">
                {run.note}
              </Text>
            </Group>
          )}
        </Section>
        <Stack gap="md" miw={0}>
          {step && <StepDetail key={printPath(path)} step={step} />}
          {run.result !== undefined && run.result !== null && (
            <Section title={m.runs.result}>
              <JsonView value={run.result} label={m.runs.result} />
            </Section>
          )}
        </Stack>
      </div>
      <TextLink to="/w/$workspace/runs" params={{ workspace }} search={{ flow: run.flow }}>
        <Group gap={6} component="span">
          <IconArrowBackUp size={16} aria-hidden />
          {m.runs.allOf(name)}
        </Group>
      </TextLink>
    </Page>
  );
}

function Cancel({ run }: { run: Run }) {
  const { id: workspace } = useWorkspace();
  const cache = useQueryClient();
  const reason = useReason('runs.cancel');
  const cancel = useMutation({
    mutationFn: () => flows.cancel(workspace, run.id),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.of(workspace, 'run', run.id) }),
    onError: toastProblem,
  });
  return (
    <Act reason={reason} variant="default" leftSection={<IconBan size={18} stroke={1.75} />} loading={cancel.isPending} onClick={() => cancel.mutate()}>
      {m.runs.cancel}
    </Act>
  );
}

/** What the run waits for. */
function Waiting({ run }: { run: Run }) {
  return (
    <Alert color="yellow" icon={<IconHourglass size={20} />} role="status">
      {run.wake_at ? m.runs.waitsUntil(exactTime(run.wake_at), fromNow(run.wake_at)) : m.runs.waits}
    </Alert>
  );
}

/** Why the run did not end as it should, and where. */
function Outcome({ run, path }: { run: Run; path: string[] }) {
  if (run.status === 'needs_attention') {
    return (
      <Alert color="yellow" icon={<IconAlertTriangle size={20} />} title={m.runs.attention}>
        {run.error ?? m.runs.attentionText}
      </Alert>
    );
  }
  if (run.status !== 'failed' && run.status !== 'timed_out') return null;
  const failed = stepAt(run.steps, firstInterest(run.steps)) ?? stepAt(run.steps, path);
  return (
    <Alert color="red" icon={<IconX size={20} />} title={failed ? m.runs.stoppedAt(failed.name) : m.status[run.status]}>
      {run.error ?? failed?.error}
    </Alert>
  );
}
