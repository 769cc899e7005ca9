import { Button, Select, Stack, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { Edge, Flow, FlowEdit, Operation, Step } from '@/api/contract';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import { Dialog } from '@/parts/dialog';
import classes from './flows.module.css';
import { byPort, carriesWork, familyOf, portWord } from './ports';

interface Props {
  step: Step;
  flow: Flow;
  operationOf: (step: Step) => Operation | undefined;
  onChange: (edit: FlowEdit) => Promise<unknown>;
}

/** What comes after a step, where any step may lead to any other. */
export function LinksDialog({ step, onClose, ...props }: Omit<Props, 'step'> & { step: Step | null; onClose: () => void }) {
  return (
    <Dialog opened={step !== null} onClose={onClose} title={m.editor.linksTitle(step?.name ?? '')}>
      {step && <Links step={step} {...props} />}
    </Dialog>
  );
}

function Links({ step, flow: { draft }, operationOf, onChange }: Props) {
  const operation = operationOf(step);
  const leaving = draft.edges.filter(({ from }) => from === step.id).sort((a, b) => byPort(a.port, b.port));
  const ports = [...new Set([...(operation?.outputs ?? []), ...leaving.map(({ port }) => port)])].sort(byPort);
  // What is not known of this step is as in the rest of the flow.
  const usual = draft.edges.find(({ port }) => carriesWork(port))?.port ?? 'next';
  const [port, setPort] = useState(ports[0] ?? usual);
  const [to, setTo] = useState<string | null>(null);
  const [input, setInput] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const nameOf = (id: string) => draft.steps.find((each) => each.id === id)?.name ?? id;
  // The ways into a step for what comes by this port; nothing when they are not known.
  const waysInto = (other: Step) => operationOf(other)?.inputs?.filter(({ name }) => familyOf(name) === familyOf(port));
  const others = draft.steps.filter((other) => {
    const ways = waysInto(other);
    const taken = leaving.some((edge) => edge.port === port && edge.to === other.id);
    return other.id !== step.id && other.kind !== 'trigger' && ways?.length !== 0 && (!taken || (ways?.length ?? 1) > 1);
  });
  const target = others.find(({ id }) => id === to);
  const inlets = (target && waysInto(target)) ?? [];
  const send = async (edit: FlowEdit) => {
    setBusy(true);
    await onChange(edit);
    setBusy(false);
    setTo(null);
    setInput(null);
  };
  const wayOf = (edge: Edge) => (ports.length > 1 || !carriesWork(edge.port) ? `${portWord(edge.port)}: ` : '');
  return (
    <Stack>
      {leaving.length === 0 ? (
        <Text c="dimmed">{m.editor.noLinks}</Text>
      ) : (
        <ul className={classes.links} aria-label={m.editor.linksTitle(step.name)}>
          {leaving.map((edge) => (
            <li key={`${edge.port} ${edge.to} ${edge.input ?? ''}`} className={classes.link}>
              <Text>
                {wayOf(edge)}
                {nameOf(edge.to)}
              </Text>
              <ActIcon
                name={m.editor.unlink(nameOf(edge.to))}
                disabled={busy}
                onClick={() => send({ op: 'disconnect', from: edge.from, port: edge.port, to: edge.to, input: edge.input })}
              >
                <IconX size={16} stroke={1.75} />
              </ActIcon>
            </li>
          ))}
        </ul>
      )}
      {ports.length > 1 && (
        <Select
          label={m.editor.way}
          data={ports.map((each) => ({ value: each, label: portWord(each) }))}
          value={port}
          onChange={(next) => next && setPort(next)}
        />
      )}
      <Select
        label={m.editor.linkTo}
        placeholder={m.editor.noneChosen}
        data={others.map(({ id, name }) => ({ value: id, label: name }))}
        value={to}
        onChange={(next) => {
          setTo(next);
          setInput(null);
        }}
        searchable
        nothingFoundMessage={m.editor.noOther}
      />
      {inlets.length > 1 && (
        <Select
          label={m.editor.inlet}
          data={inlets.map(({ name, title }, at) => ({ value: name, label: m.editor.inletOf(at + 1, title) }))}
          value={input ?? inlets[0]?.name ?? null}
          onChange={setInput}
        />
      )}
      <Button disabled={to === null} loading={busy} className={classes.alone} onClick={() => to && send({ op: 'connect', from: step.id, port, to, ...(input === null || input === inlets[0]?.name ? {} : { input }) })}>
        {m.editor.link}
      </Button>
    </Stack>
  );
}
