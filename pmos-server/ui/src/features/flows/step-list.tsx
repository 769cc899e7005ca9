import { Group, Text } from '@mantine/core';
import { IconBolt, IconNote, IconPlus } from '@tabler/icons-react';
import { useMemo, useRef, useState } from 'react';
import type { Capabilities, Flow, FlowEdit, OperationSummary, PieceSummary, Step } from '@/api/contract';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { Confirm } from '@/parts/confirm';
import { Section } from '@/parts/page';
import type { Catalogue } from './catalogue';
import type { Editor } from './editor';
import classes from './flows.module.css';
import { freeOutline } from './free-outline';
import { LinksDialog } from './links-dialog';
import { MoveDialog } from './move-dialog';
import { isNamed, neighbours, outline, type Row, type Slot, subtree } from './outline';
import { GroupRow, JumpRow, LaneRow, SlotRow, StepRow } from './step-rows';
import { StepMenu } from './step-menu';
import { StepPicker } from './step-picker';
import { offerUndo } from './undo';

interface Props {
  flow: Flow;
  editor: Editor;
  catalogue: Catalogue;
  can: Pick<Capabilities, 'free_layout' | 'multiple_triggers'>;
  selected: string | undefined;
  onSelect: (step: string | undefined) => void;
  /** Whether settings stand beside the list and not over it. */
  wide: boolean;
  /** Why nothing can be changed now. */
  readOnly: string | null;
}

/** Where a new step goes, or that it stands alone. */
type Adding = { kind: 'trigger' | 'action'; slot: Slot | null };

/** The steps in the order of work, bodies of branches and loops indented under their heading. */
export function StepList({ flow, editor, catalogue, can, selected, onSelect, wide, readOnly }: Props) {
  const free = can.free_layout;
  const { draft } = flow;
  const { operationOf } = catalogue;
  const rows = useMemo(() => (free ? freeOutline(draft, operationOf) : outline(draft, operationOf)), [free, draft, operationOf]);
  const [adding, setAdding] = useState<Adding | null>(null);
  const [moving, setMoving] = useState<Step | null>(null);
  const [linking, setLinking] = useState<string | null>(null);
  const [removing, setRemoving] = useState<Step | null>(null);
  const list = useRef<HTMLOListElement>(null);
  // Once the list shows what was done and the menu it was done by is gone.
  const focusCard = (id: string | undefined) =>
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-step="${id}"]`)?.focus());
  const stepOf = (id: string) => draft.steps.find((step) => step.id === id);

  // Refusals are told by the editor itself; here they only must not count as forgotten.
  const change = async (edit: FlowEdit) => {
    const before = new Set(draft.steps.map(({ id }) => id));
    try {
      const after = await editor.change(edit);
      return after.draft.steps.find(({ id }) => !before.has(id));
    } catch {
      return undefined;
    }
  };
  const add = async (piece: PieceSummary, operation: OperationSummary) => {
    if (!adding) return;
    const { kind, slot } = adding;
    setAdding(null);
    const made = await change({
      op: 'add_step',
      step: { kind, name: operation.title, piece: piece.name, operation: operation.name, settings: {} },
      ...(slot ? { after: slot.after } : {}),
      ...(slot?.port ? { port: slot.port } : {}),
    });
    if (made) onSelect(made.id);
  };
  const remove = async (step: Step) => {
    const cards = rows.flatMap((row) => (row.type === 'step' ? [row.step.id] : []));
    const gone = free ? new Set([step.id]) : subtree(draft, step.id);
    const at = cards.indexOf(step.id);
    const neighbour = cards.slice(at).find((id) => !gone.has(id)) ?? cards[at - 1];
    // What was typed before is another change, which stays when this one is taken back.
    await editor.flush().catch(() => undefined);
    const after = await editor.change({ op: 'remove_step', id: step.id, keep_following: true }).catch(() => null);
    if (!after) return;
    if (selected === step.id) onSelect(wide ? neighbour : undefined);
    focusCard(neighbour);
    offerUndo(editor, step.name, after.revision, () => {
      if (wide) onSelect(step.id);
      focusCard(step.id);
    });
  };
  // Where steps are connected freely nothing stands inside another, so nothing goes with it.
  const askRemove = (step: Step) => (!free && subtree(draft, step.id).size > 1 ? setRemoving(step) : void remove(step));

  const menuOf = (step: Step) => {
    if (step.kind === 'trigger' && !can.multiple_triggers) return null;
    const { up, down } = free ? { up: null, down: null } : neighbours(rows, draft, step.id);
    return (
      <StepMenu
        step={step}
        reason={readOnly}
        onDuplicate={async () => {
          const copy = await change({ op: 'duplicate_step', id: step.id });
          if (copy) onSelect(copy.id);
        }}
        places={
          free
            ? undefined
            : {
                onUp: up && (() => void change({ op: 'move_step', id: step.id, ...up })),
                onDown: down && (() => void change({ op: 'move_step', id: step.id, ...down })),
                onMove: () => setMoving(step),
              }
        }
        onLinks={free ? () => setLinking(step.id) : undefined}
        onRemove={() => askRemove(step)}
      />
    );
  };

  return (
    <Section title={m.editor.steps}>
      {draft.steps.length === 0 && (
        <Text c="dimmed" mb="sm">
          {m.editor.noSteps}
        </Text>
      )}
      <ol className={classes.steps} ref={list}>
        {rows.map((row, at) => {
          if (row.type === 'lane') return <LaneRow key={`lane ${row.of} ${row.port}`} row={row} />;
          if (row.type === 'group') return <GroupRow key={`group ${row.title}`} row={row} />;
          if (row.type === 'jump') {
            return <JumpRow key={`jump ${at}`} row={row} name={placedName(row.to, rows) ?? row.to} onSelect={() => onSelect(row.to)} />;
          }
          if (row.type === 'slot') {
            return (
              <SlotRow
                key={`slot ${row.slot.after} ${row.slot.port}`}
                row={row}
                where={placeName(row.slot, flow, rows)}
                reason={readOnly}
                onAdd={() => setAdding({ kind: 'action', slot: row.slot })}
              />
            );
          }
          return (
            <StepRow
              key={row.step.id}
              row={row}
              icon={operationOf(row.step)?.icon}
              kind={operationOf(row.step)?.title ?? (catalogue.pending ? '' : (catalogue.pieceOf(row.step)?.title ?? row.step.piece))}
              issues={flow.issues.filter(({ step }) => step === row.step.id).length}
              selected={selected === row.step.id}
              onSelect={() => onSelect(row.step.id)}
              menu={menuOf(row.step)}
            />
          );
        })}
      </ol>
      {free && (
        <Group gap="xs" mt="sm">
          {can.multiple_triggers && (
            <Act
              reason={readOnly}
              variant="default"
              size="xs"
              leftSection={<IconBolt size={16} />}
              onClick={() => setAdding({ kind: 'trigger', slot: null })}
            >
              {m.editor.addTrigger}
            </Act>
          )}
          <Act reason={readOnly} variant="default" size="xs" leftSection={<IconPlus size={16} />} onClick={() => setAdding({ kind: 'action', slot: null })}>
            {m.editor.addAlone}
          </Act>
        </Group>
      )}
      {catalogue.unknown.length > 0 && (
        <Text size="xs" c="dimmed" mt="sm">
          {m.editor.unknownCount(catalogue.unknown.length)}
        </Text>
      )}
      {(draft.notes ?? []).length > 0 && (
        <ul className={classes.notes} aria-label={m.editor.notes}>
          {draft.notes?.map(({ id, text }) => (
            <li key={id} className={classes.note}>
              <IconNote size={16} stroke={1.75} aria-hidden />
              <Text size="sm" className={classes.noteText}>
                {text}
              </Text>
            </li>
          ))}
        </ul>
      )}
      <StepPicker opened={adding !== null} onClose={() => setAdding(null)} kind={adding?.kind ?? 'action'} engine={flow.engine} onPick={add} />
      <LinksDialog
        step={(linking !== null && stepOf(linking)) || null}
        onClose={() => setLinking(null)}
        flow={flow}
        operationOf={operationOf}
        onChange={change}
      />
      <MoveDialog
        step={moving}
        onClose={() => setMoving(null)}
        slots={rows.flatMap((row) => (row.type === 'slot' && isNamed(row.slot) ? [row.slot] : []))}
        nameOf={(slot) => placeName(slot, flow, rows)}
        inside={moving ? subtree(draft, moving.id) : new Set()}
        onMove={(step, slot) => void change({ op: 'move_step', id: step.id, ...slot })}
      />
      <Confirm
        opened={removing !== null}
        onClose={() => setRemoving(null)}
        title={m.editor.removeTitle(removing?.name ?? '')}
        action={m.editor.remove}
        onConfirm={async () => removing && remove(removing)}
      >
        {m.editor.removeText(removing ? subtree(draft, removing.id).size - 1 : 0)}
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

/** A step as it stands in the list: with its number where it has one. */
function placedName(id: string, rows: Row[]): string | undefined {
  const row = rows.find((each) => each.type === 'step' && each.step.id === id);
  if (row?.type !== 'step') return undefined;
  return row.number === null ? row.step.name : `${row.number}. ${row.step.name}`;
}
