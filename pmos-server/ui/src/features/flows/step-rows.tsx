import { Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconCornerDownRight, IconPlus } from '@tabler/icons-react';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import { StepIcon } from '@/parts/step-icon';
import classes from './flows.module.css';
import type { Row } from './outline';

export function LaneRow({ row }: { row: Extract<Row, { type: 'lane' }> }) {
  return (
    <li className={classes.lane} style={{ paddingInlineStart: row.depth * 24 }}>
      <span className={classes.laneLabel}>{row.label}</span>
    </li>
  );
}

export function SlotRow({
  row,
  where,
  reason,
  onAdd,
}: {
  row: Extract<Row, { type: 'slot' }>;
  where: string;
  reason: string | null;
  onAdd: () => void;
}) {
  return (
    <li className={classes.slot} data-end={row.end || undefined} style={{ paddingInlineStart: row.depth * 24 }}>
      <span className={classes.slotInner}>
        <ActIcon name={m.editor.addTo(where)} reason={reason} size={24} variant="default" className={classes.plus} onClick={onAdd}>
          <IconPlus size={14} />
        </ActIcon>
      </span>
    </li>
  );
}

export function StepRow({
  row: { step, depth, number, as },
  kind,
  icon,
  issues,
  selected,
  onSelect,
  menu,
}: {
  row: Extract<Row, { type: 'step' }>;
  /** What it does, as the catalogue says it. */
  kind: string;
  /** How the catalogue shows it. */
  icon?: string | null;
  issues: number;
  selected: boolean;
  onSelect: () => void;
  menu: React.ReactNode;
}) {
  return (
    <li className={classes.stepRow} style={{ paddingInlineStart: depth * 24 }}>
      <div className={classes.step} data-serves={as !== undefined || undefined} data-selected={selected || undefined} data-issue={issues > 0 || undefined} data-skip={step.skip || undefined}>
        <UnstyledButton className={classes.stepMain} data-step={step.id} onClick={onSelect} aria-current={selected ? 'step' : undefined}>
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
        {menu}
      </div>
    </li>
  );
}

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
