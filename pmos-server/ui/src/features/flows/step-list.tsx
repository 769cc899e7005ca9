import { Menu, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconArrowDown, IconArrowUp, IconArrowsMove, IconCopy, IconDots, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { Flow, FlowEdit, Operation, Piece, Step } from '@/api/contract';
import { m } from '@/messages/en';
import { ActIcon, ActItem } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { Section } from '@/parts/page';
import { StepIcon } from '@/parts/step-icon';
import type { Catalogue } from './catalogue';
import type { Editor } from './editor';
import classes from './flows.module.css';
import { MoveDialog } from './move-dialog';
import { neighbours, outline, type Row, type Slot, subtree } from './outline';
import { StepPicker } from './step-picker';

interface Props {
  flow: Flow;
  editor: Editor;
  catalogue: Catalogue;
  selected: string | undefined;
  onSelect: (step: string | undefined) => void;
  /** Why nothing can be changed now. */
  readOnly: string | null;
}

/** The steps in the order of work, bodies of branches and loops indented under their heading. */
export function StepList({ flow, editor, catalogue, selected, onSelect, readOnly }: Props) {
  const rows = useMemo(() => outline(flow.draft, catalogue.operationOf), [flow.draft, catalogue.operationOf]);
  const [adding, setAdding] = useState<Slot | null>(null);
  const [moving, setMoving] = useState<Step | null>(null);
  const [removing, setRemoving] = useState<Step | null>(null);

  // Refusals are told by the editor itself; here they only must not count as forgotten.
  const change = async (edit: FlowEdit) => {
    const before = new Set(flow.draft.steps.map(({ id }) => id));
    try {
      const after = await editor.change(edit);
      return after.draft.steps.find(({ id }) => !before.has(id));
    } catch {
      return undefined;
    }
  };
  const add = async (piece: Piece, operation: Operation) => {
    if (!adding) return;
    const { after, port } = adding;
    setAdding(null);
    const made = await change({
      op: 'add_step',
      step: { kind: 'action', name: operation.title, piece: piece.name, operation: operation.name, settings: {} },
      after,
      port,
    });
    if (made) onSelect(made.id);
  };
  const remove = async (step: Step) => {
    if (selected === step.id) onSelect(undefined);
    await change({ op: 'remove_step', id: step.id, keep_following: true });
  };
  const askRemove = (step: Step) => (subtree(flow.draft, step.id).size > 1 ? setRemoving(step) : void remove(step));

  return (
    <Section title={m.editor.steps}>
      <ol className={classes.steps}>
        {rows.map((row) => {
          if (row.type === 'lane') return <LaneRow key={`lane ${row.of} ${row.port}`} row={row} />;
          if (row.type === 'slot') {
            return (
              <SlotRow
                key={`slot ${row.slot.after} ${row.slot.port}`}
                row={row}
                where={placeName(row.slot, flow, rows)}
                reason={readOnly}
                onAdd={() => setAdding(row.slot)}
              />
            );
          }
          const { up, down } = neighbours(rows, flow.draft, row.step.id);
          return (
            <StepRow
              key={row.step.id}
              row={row}
              operation={catalogue.operationOf(row.step)}
              issues={flow.issues.filter(({ step }) => step === row.step.id).length}
              selected={selected === row.step.id}
              onSelect={() => onSelect(row.step.id)}
              menu={
                row.step.kind === 'trigger' ? null : (
                  <StepMenu
                    step={row.step}
                    reason={readOnly}
                    onDuplicate={async () => {
                      const copy = await change({ op: 'duplicate_step', id: row.step.id });
                      if (copy) onSelect(copy.id);
                    }}
                    onUp={up && (() => void change({ op: 'move_step', id: row.step.id, ...up }))}
                    onDown={down && (() => void change({ op: 'move_step', id: row.step.id, ...down }))}
                    onMove={() => setMoving(row.step)}
                    onRemove={() => askRemove(row.step)}
                  />
                )
              }
            />
          );
        })}
      </ol>
      <StepPicker opened={adding !== null} onClose={() => setAdding(null)} kind="action" catalogue={catalogue} onPick={add} />
      <MoveDialog
        step={moving}
        onClose={() => setMoving(null)}
        slots={rows.flatMap((row) => (row.type === 'slot' ? [row.slot] : []))}
        nameOf={(slot) => placeName(slot, flow, rows)}
        inside={moving ? subtree(flow.draft, moving.id) : new Set()}
        onMove={(step, slot) => void change({ op: 'move_step', id: step.id, ...slot })}
      />
      <Confirm
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={m.editor.removeTitle(removing?.name ?? '')}
        action={m.editor.remove}
        onConfirm={async () => removing && remove(removing)}
      >
        {m.editor.removeText(removing ? subtree(flow.draft, removing.id).size - 1 : 0)}
      </Confirm>
    </Section>
  );
}

/** What people call a place in the flow. */
function placeName({ after, port }: Slot, flow: Flow, rows: Row[]): string {
  const name = flow.draft.steps.find(({ id }) => id === after)?.name ?? after;
  const lane = rows.find((row) => row.type === 'lane' && row.of === after && row.port === port);
  return lane?.type === 'lane' ? m.editor.startOf(lane.label, name) : m.editor.after(name);
}

function LaneRow({ row }: { row: Extract<Row, { type: 'lane' }> }) {
  return (
    <li className={classes.lane} style={{ paddingInlineStart: row.depth * 24 }}>
      <span className={classes.laneLabel}>{row.label}</span>
    </li>
  );
}

function SlotRow({
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

function StepRow({
  row: { step, depth, number },
  operation,
  issues,
  selected,
  onSelect,
  menu,
}: {
  row: Extract<Row, { type: 'step' }>;
  operation: Operation | undefined;
  issues: number;
  selected: boolean;
  onSelect: () => void;
  menu: React.ReactNode;
}) {
  return (
    <li className={classes.stepRow} style={{ paddingInlineStart: depth * 24 }}>
      <div className={classes.step} data-selected={selected || undefined} data-issue={issues > 0 || undefined} data-skip={step.skip || undefined}>
        <UnstyledButton className={classes.stepMain} onClick={onSelect} aria-current={selected ? 'step' : undefined}>
          <StepIcon operation={step.operation} />
          <span className={classes.stepText}>
            <span className={classes.stepName} title={step.name}>
              {number}. {step.name}
            </span>
            <Text size="xs" c="dimmed" component="span">
              {operation?.title ?? step.operation}
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

interface MenuProps {
  step: Step;
  reason: string | null;
  onDuplicate: () => void;
  onUp: (() => void) | null;
  onDown: (() => void) | null;
  onMove: () => void;
  onRemove: () => void;
}

function StepMenu({ step, reason, onDuplicate, onUp, onDown, onMove, onRemove }: MenuProps) {
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActIcon name={m.editor.menu(step.name)} className={classes.stepMenu}>
          <IconDots size={18} stroke={1.75} />
        </ActIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <ActItem reason={reason} leftSection={<IconCopy size={18} stroke={1.75} />} onClick={onDuplicate}>
          {m.flows.duplicate}
        </ActItem>
        <ActItem reason={reason ?? (onUp ? null : m.field.first)} leftSection={<IconArrowUp size={18} stroke={1.75} />} onClick={onUp ?? undefined}>
          {m.editor.up}
        </ActItem>
        <ActItem reason={reason ?? (onDown ? null : m.field.last)} leftSection={<IconArrowDown size={18} stroke={1.75} />} onClick={onDown ?? undefined}>
          {m.editor.down}
        </ActItem>
        <ActItem reason={reason} leftSection={<IconArrowsMove size={18} stroke={1.75} />} onClick={onMove}>
          {m.editor.moveTo}
        </ActItem>
        <Menu.Divider />
        <ActItem reason={reason} color="red" leftSection={<IconTrash size={18} stroke={1.75} />} onClick={onRemove}>
          {m.editor.remove}
        </ActItem>
      </Menu.Dropdown>
    </Menu>
  );
}
