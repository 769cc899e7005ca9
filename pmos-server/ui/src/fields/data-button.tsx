import { ActionIcon, Popover, ScrollArea, Text, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconBraces, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type RefObject, useRef, useState } from 'react';
import type { Field } from '@/api/contract';
import { m } from '@/messages/en';
import { useLayer } from '@/parts/layers';
import { Pill } from '@/parts/status';
import classes from './data-button.module.css';
import { referTo } from './insert';
import type { DataSource, Scope } from './types';

interface Props {
  field: Field;
  scope: Scope;
  input: RefObject<HTMLInputElement | HTMLTextAreaElement | null>;
  onChange: (value: unknown) => void;
}

/** Puts a piece of data of an earlier step where the cursor of an input stands. */
export function DataButton({ field, scope, input, onChange }: Props) {
  const insert = (path: string) => {
    const target = input.current;
    const before = target?.value ?? '';
    const from = target?.selectionStart ?? before.length;
    const to = target?.selectionEnd ?? before.length;
    const text = referTo(path, before.slice(0, from));
    onChange(before.slice(0, from) + text + before.slice(to));
    requestAnimationFrame(() => {
      target?.focus();
      target?.setSelectionRange(from + text.length, from + text.length);
    });
  };
  return <DataPicker field={field} scope={scope} onPick={insert} />;
}

/** Lets a person choose a piece of data of an earlier step; gives its path. */
export function DataPicker({ field, scope, onPick }: { field: Field; scope: Scope; onPick: (path: string) => void }) {
  const [opened, setOpened] = useState(false);
  const [search, setSearch] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const { data } = scope;
  useLayer(opened, () => setOpened(false));
  if (data === null) return null;
  const insert = (path: string) => {
    setOpened(false);
    onPick(path);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} trapFocus returnFocus withinPortal closeOnEscape={false}>
      <Popover.Target>
        <Tooltip label={m.field.insertData}>
          <ActionIcon size={28} aria-label={m.field.insertInto(field.title)} onClick={() => setOpened(!opened)}>
            <IconBraces size={16} stroke={1.75} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={8} aria-label={m.field.insertInto(field.title)}>
        <TextInput
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          placeholder={m.field.searchData}
          aria-label={m.field.searchData}
          leftSection={<IconSearch size={16} />}
          mb={8}
          onKeyDown={(event) => {
            if (event.key === 'Enter') choices(list.current)[0]?.click();
            else if (event.key === 'ArrowDown') choices(list.current)[0]?.focus();
            else return;
            event.preventDefault();
          }}
        />
        <ScrollArea.Autosize mah={280} type="auto" ref={list} onKeyDown={(event) => walkChoices(event, list.current)}>
          {data.some(({ example }) => example) && <Text size="xs" c="dimmed" px={8} pb={4} children={m.field.exampleHelp} />}
          <Choices data={data} search={search.toLowerCase()} insert={insert} />
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}

const choices = (list: HTMLElement | null) => [...(list?.querySelectorAll<HTMLElement>('button') ?? [])];

/** Arrows go from one choice to the next. */
function walkChoices(event: KeyboardEvent, list: HTMLElement | null) {
  const all = choices(list);
  const at = all.findIndex((each) => each === event.target);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  all[to]?.focus();
}

function Choices({ data, search, insert }: { data: DataSource[]; search: string; insert: (path: string) => void }) {
  if (data.length === 0) return <Text size="sm" c="dimmed" p={8} children={m.field.noData} />;
  return data.map((source) => {
    const leaves = [...walk(source.path, source.sample)].filter(
      ({ path }) => !search || path.toLowerCase().includes(search) || source.name.toLowerCase().includes(search),
    );
    if (leaves.length === 0) return null;
    return (
      <div key={source.path}>
        <div className={classes.source}>
          <span>{source.name}</span>
          {source.example && <Pill tone="warn">{m.field.example}</Pill>}
        </div>
        {leaves.map(({ path, sample }) => (
          <UnstyledButton key={path} className={classes.leaf} onClick={() => insert(path)}>
            <span>{path}</span>
            <span className={classes.sample}>{sample}</span>
          </UnstyledButton>
        ))}
      </div>
    );
  });
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;
const DEEPEST = 4;

/** The value itself and everything in it that has a name of its own. */
function* walk(path: string, sample: unknown, depth = 0): Generator<{ path: string; sample: string }> {
  yield { path, sample: preview(sample) };
  if (depth >= DEEPEST || typeof sample !== 'object' || sample === null) return;
  if (Array.isArray(sample)) {
    if (sample.length > 0) yield* walk(`${path}[0]`, sample[0], depth + 1);
    return;
  }
  for (const [key, value] of Object.entries(sample).slice(0, 40)) {
    yield* walk(PLAIN.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`, value, depth + 1);
  }
}

function preview(sample: unknown): string {
  if (sample === undefined) return '';
  if (Array.isArray(sample)) return `[${sample.length}]`;
  if (typeof sample === 'object' && sample !== null) return '{…}';
  return String(sample).slice(0, 40);
}
