import { Group, NumberInput, Text, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { StepRun } from '@/api/contract';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import { StatusIcon } from '@/parts/status';
import { duration } from '@/parts/time';
import { firstInterest, isBad, type Path } from './path';
import classes from './runs.module.css';

interface Props {
  steps: StepRun[];
  selected: Path;
  onSelect: (path: Path) => void;
  prefix?: Path;
}

/** The steps of a run as they began; a loop shows one pass at a time. */
export function StepTree({ steps, selected, onSelect, prefix = [] }: Props) {
  return (
    <ol className={classes.tree}>
      {steps.map((step) => {
        const chosen = selected[0] === step.id;
        return (
          <li key={step.id}>
            <UnstyledButton
              className={classes.node}
              aria-current={chosen && selected.length === 1 ? 'step' : undefined}
              onClick={() => onSelect([...prefix, step.id])}
            >
              <StatusIcon status={step.status} />
              <span className={classes.nodeName} title={step.name}>
                {step.name}
              </span>
              <Text size="xs" c="dimmed" component="span">
                {duration(step.duration_ms)}
              </Text>
            </UnstyledButton>
            {step.iterations && step.iterations.length > 0 && (
              <Passes step={step} selected={chosen ? selected.slice(1) : []} onSelect={onSelect} prefix={[...prefix, step.id]} />
            )}
          </li>
        );
      })}
    </ol>
  );
}

function Passes({ step, selected, onSelect, prefix }: { step: StepRun; selected: Path; onSelect: (path: Path) => void; prefix: Path }) {
  const passes = step.iterations ?? [];
  const wanted = selected[0] === undefined ? undefined : Number(selected[0]);
  const found = passes.findIndex(({ index }) => index === wanted);
  const at = found >= 0 ? found : Math.max(0, passes.findIndex(isBad));
  const pass = passes[at];
  if (!pass) return null;
  const total = Math.max(passes.length, pass.index + 1);
  const go = (to: number) => {
    const next = passes[to];
    if (!next) return;
    const same = selected[1] !== undefined && next.steps.some(({ id }) => id === selected[1]) ? [selected[1]] : firstInterest(next.steps);
    onSelect([...prefix, String(next.index), ...same]);
  };
  const bad = passes.findIndex((each, index) => index > at && isBad(each));
  const anyBad = bad >= 0 ? bad : passes.findIndex(isBad);
  return (
    <div className={classes.passes} role="group" aria-label={m.runs.passes(step.name)}>
      <Group gap={4} wrap="nowrap" className={classes.stepper}>
        <StatusIcon status={pass.status} />
        <Text size="sm" component="span">
          {m.runs.pass}
        </Text>
        <ActIcon size={28} name={m.runs.previousPass} reason={at === 0 ? m.field.first : null} onClick={() => go(at - 1)}>
          <IconChevronLeft size={16} />
        </ActIcon>
        <NumberInput
          aria-label={m.runs.passNumber}
          size="xs"
          w={64}
          min={1}
          max={total}
          value={pass.index + 1}
          onChange={(value) => {
            const to = passes.findIndex(({ index }) => index + 1 === value);
            if (to >= 0 && to !== at) go(to);
          }}
          hideControls
        />
        <Text size="sm" c="dimmed" component="span" style={{ whiteSpace: 'nowrap' }}>
          {m.runs.ofTotal(total)}
        </Text>
        <ActIcon size={28} name={m.runs.nextPass} reason={at === passes.length - 1 ? m.field.last : null} onClick={() => go(at + 1)}>
          <IconChevronRight size={16} />
        </ActIcon>
        {anyBad >= 0 && passes.length > 1 && (
          <ActIcon size={28} name={m.runs.nextFailed} onClick={() => go(anyBad)}>
            <IconAlertTriangle size={16} />
          </ActIcon>
        )}
      </Group>
      <StepTree steps={pass.steps} selected={selected.slice(1)} onSelect={onSelect} prefix={[...prefix, String(pass.index)]} />
    </div>
  );
}
