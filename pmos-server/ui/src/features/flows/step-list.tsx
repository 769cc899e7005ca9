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
import { revealField } from './reveal-field';
import { GroupRow, JumpRow, LaneRow, type RowActs, SlotRow, StepRow } from './step-rows';
import { StepPicker } from './step-picker';
import { offerUndo } from './undo';
import { useListKeys } from './use-list-keys';

interface Props {
  flow: Flow;
  editor: Editor;
  catalogue: Catalogue;
  can: Pick<Capabilities, 'free_layout' | 'multiple_triggers'>;
  selected: string | undefined;
  onSelect: (step: string | undefined) => unknown;
  /** Whether settings stand beside the list and not over it. */
  wide: boolean;
  /** Whether nothing can ever be changed by who looks, so that it need not be offered. */
  looking: boolean;
  /** Why nothing can be changed now. */
  readOnly: string | null;
}

/** Where a new step goes, or that it stands alone. */
type Adding = { kind: 'trigger' | 'action'; slot: Slot | null };

/** The steps in the order of work, bodies of branches and loops indented under their heading. */
export function StepList({ flow, editor, catalogue, can, selected, onSelect, wide, looking, readOnly }: Props) {
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
    if (made) await Promise.resolve(onSelect(made.id)).then(() => revealField('@name'));
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

  const latest = useRef<RowActs>(null as unknown as RowActs);
  latest.current = {
    select: onSelect,
    add: (after, port) => setAdding({ kind: 'action', slot: { after, port } }),
    duplicate: async (step) => {
      const copy = await change({ op: 'duplicate_step', id: step.id });
      if (copy) await onSelect(copy.id);
      focusCard(copy?.id);
    },
    swap: (step, way) => {
      const slot = neighbours(rows, draft, step.id)[way];
      if (slot) void change({ op: 'move_step', id: step.id, ...slot }).then(() => focusCard(step.id));
    },
    move: setMoving,
    link: (step) => setLinking(step.id),
    remove: askRemove,
  };
  const [acts] = useState<RowActs>(() => ({
    select: (step) => latest.current.select(step),
    add: (after, port) => latest.current.add(after, port),
    duplicate: (step) => latest.current.duplicate(step),
    swap: (step, way) => latest.current.swap(step, way),
    move: (step) => latest.current.move(step),
    link: (step) => latest.current.link(step),
    remove: (step) => latest.current.remove(step),
  }));
  const { reached, onKeyDown, onFocus } = useListKeys({
    list,
    selected: selected ?? draft.steps[0]?.id,
    open: (step) => void Promise.resolve(onSelect(step)).then(() => revealField('@name')),
    remove: (id) => {
      const step = stepOf(id);
      if (step && !readOnly && hasMenu(step)) askRemove(step);
    },
  });
  const hasMenu = (step: Step) => !looking && (step.kind !== 'trigger' || can.multiple_triggers);
  const ways = (id: string) => {
    if (free) return { up: false, down: false };
    const { up, down } = neighbours(rows, draft, id);
    return { up: up !== null, down: down !== null };
  };
  const names = new Map(draft.steps.map(({ id, name }) => [id, name]));
  const issuesOf = new Map<string, number>();
  for (const { step } of flow.issues) if (step) issuesOf.set(step, (issuesOf.get(step) ?? 0) + 1);

  return (
    <Section title={m.editor.steps}>
      {draft.steps.length === 0 && (
        <Text c="dimmed" mb="sm">
          {m.editor.noSteps}
        </Text>
      )}
      <ol className={classes.steps} ref={list} onKeyDown={onKeyDown} onFocus={onFocus}>
        {rows.map((row, at) => {
          if (row.type === 'lane') return <LaneRow key={`lane ${row.of} ${row.port}`} label={row.label} depth={row.depth} />;
          if (row.type === 'group') return <GroupRow key={`group ${row.title}`} row={row} />;
          if (row.type === 'jump') {
            return <JumpRow key={`jump ${at}`} row={row} name={placedName(row.to, rows) ?? row.to} onSelect={() => onSelect(row.to)} />;
          }
          if (row.type === 'slot') {
            return (
              <SlotRow
                key={`slot ${row.slot.after} ${row.slot.port}`}
                after={row.slot.after}
                port={row.slot.port}
                depth={row.depth}
                end={row.end}
                where={placeName(row.slot, names, rows)}
                reason={readOnly}
                bare={looking}
                reached={row.slot.after === reached}
                acts={acts}
              />
            );
          }
          return (
            <StepRow
              key={row.step.id}
              step={row.step}
              depth={row.depth}
              number={row.number}
              as={row.as}
              icon={operationOf(row.step)?.icon}
              kind={operationOf(row.step)?.title ?? (catalogue.pending ? '' : (catalogue.pieceOf(row.step)?.title ?? row.step.piece))}
              issues={issuesOf.get(row.step.id) ?? 0}
              selected={selected === row.step.id}
              reached={row.step.id === reached}
              menu={hasMenu(row.step)}
              reason={readOnly}
              free={free}
              {...ways(row.step.id)}
              acts={acts}
            />
          );
        })}
      </ol>
      {free && !looking && (
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
        nameOf={(slot) => placeName(slot, names, rows)}
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
function placeName({ after, port }: Slot, names: Map<string, string>, rows: Row[]): string {
  const name = names.get(after) ?? after;
  const lane = rows.find((row) => row.type === 'lane' && row.of === after && row.port === port);
  return lane?.type === 'lane' ? m.editor.startOf(lane.label, name) : m.editor.after(name);
}

/** A step as it stands in the list: with its number where it has one. */
function placedName(id: string, rows: Row[]): string | undefined {
  const row = rows.find((each) => each.type === 'step' && each.step.id === id);
  if (row?.type !== 'step') return undefined;
  return row.number === null ? row.step.name : `${row.number}. ${row.step.name}`;
}
