import { Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconCornerDownRight, IconPlus } from '@tabler/icons-react';
import { memo } from 'react';
import type { Step } from '@/api/contract';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import { StepIcon } from '@/parts/step-icon';
import classes from './flows.module.css';
import type { Row } from './outline';
import { StepMenu, type MenuProps } from './step-menu';

export const LaneRow = memo(function LaneRow({ label, depth }: { label: string; depth: number }) {
  return (
    <li className={classes.lane} style={{ paddingInlineStart: depth * 24 }}>
      <span className={classes.laneLabel}>{label}</span>
    </li>
  );
});

/** What rows can ask for. The same object as long as the list is there, so that a row is drawn anew only when it changed. */
export interface RowActs {
  select: (step: string) => void;
  add: (after: string, port: string | null) => void;
  duplicate: (step: Step) => void;
  /** Changes places with the step before or behind. */
  swap: (step: Step, way: 'up' | 'down') => void;
  move: (step: Step) => void;
  link: (step: Step) => void;
  remove: (step: Step) => void;
}

export const SlotRow = memo(function SlotRow({
  after,
  port,
  depth,
  end,
  where,
  reason,
  bare,
  reached,
  acts,
}: {
  after: string;
  port: string | null;
  depth: number;
  end: boolean;
  where: string;
  reason: string | null;
  /** Whether only the line is shown. */
  bare: boolean;
  /** Whether the Tab key stops here. */
  reached: boolean;
  acts: RowActs;
}) {
  if (bare && end) return null;
  return (
    <li className={classes.slot} data-end={end || undefined} style={{ paddingInlineStart: depth * 24 }}>
      <span className={classes.slotInner}>
        {!bare && (
          <ActIcon
            name={m.editor.addTo(where)}
            reason={reason}
            size={24}
            variant="default"
            className={classes.plus}
            tabIndex={reached ? 0 : -1}
            onClick={() => acts.add(after, port)}
          >
            <IconPlus size={14} />
          </ActIcon>
        )}
      </span>
    </li>
  );
});

interface StepRowProps extends Omit<MenuProps, 'step' | 'acts' | 'reached'> {
  step: Step;
  depth: number;
  number: number | null;
  /** What it serves the step above as. */
  as?: string;
  /** How the catalogue shows it. */
  icon?: string | null;
  /** What it does, as the catalogue says it. */
  kind: string;
  issues: number;
  selected: boolean;
  /** Whether the Tab key stops here. */
  reached: boolean;
  /** Whether something can be done with it. */
  menu: boolean;
  acts: RowActs;
}

export const StepRow = memo(function StepRow({ step, depth, number, as, icon, kind, issues, selected, reached, menu, acts, ...can }: StepRowProps) {
  return (
    <li className={classes.stepRow} style={{ paddingInlineStart: depth * 24 }}>
      <div className={classes.step} data-serves={as !== undefined || undefined} data-selected={selected || undefined} data-issue={issues > 0 || undefined} data-skip={step.skip || undefined}>
        <UnstyledButton
          className={classes.stepMain}
          data-step={step.id}
          tabIndex={reached ? 0 : -1}
          onClick={() => acts.select(step.id)}
          aria-current={selected ? 'step' : undefined}
        >
          <StepIcon operation={step.operation} icon={icon} />
          <span className={classes.stepText}>
            <span className={classes.stepName} title={step.name}>
              {number === null ? step.name : `${number}. ${step.name}`}
            </span>
            <Text size="xs" c="dimmed" component="span">
              {as && as !== kind ? m.editor.servesAs(as, kind) : kind}
              {step.skip ? m.editor.skippedSuffix : ''}
            </Text>
          </span>
        </UnstyledButton>
        {issues > 0 && (
          <Tooltip label={m.flows.issues(issues)}>
            <span className={classes.stepIssue} role="img" aria-label={m.flows.issues(issues)}>
              <IconAlertTriangle size={18} stroke={1.75} />
            </span>
          </Tooltip>
        )}
        {menu && <StepMenu step={step} reached={reached} acts={acts} {...can} />}
      </div>
    </li>
  );
});

/** A word that the work goes on at a step that stands elsewhere, and the way there. */
export function JumpRow({ row, name, onSelect }: { row: Extract<Row, { type: 'jump' }>; name: string; onSelect: () => void }) {
  const Icon = row.back ? IconArrowBackUp : IconCornerDownRight;
  return (
    <li style={{ paddingInlineStart: row.depth * 24 }}>
      <UnstyledButton className={classes.jump} onClick={onSelect}>
        <Icon size={16} stroke={1.75} aria-hidden />
        <span>{row.as ? m.editor.alsoServes(row.as, name) : row.back ? m.editor.backTo(name) : m.editor.onTo(name)}</span>
      </UnstyledButton>
    </li>
  );
}

/** Begins a part of the list that is apart from what stands above. */
export function GroupRow({ row }: { row: Extract<Row, { type: 'group' }> }) {
  return (
    <li className={classes.group}>
      <Text fw={600} size="sm">
        {row.title}
      </Text>
      <Text size="xs" c="dimmed">
        {row.help}
      </Text>
    </li>
  );
}
