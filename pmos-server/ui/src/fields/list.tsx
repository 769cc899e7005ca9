import { Button, Group } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import classes from './field.module.css';
import { FieldView } from './field';
import { GroupField } from './group';
import { type ControlProps, emptyOf, type KindOf } from './types';

/** Any number of entries, in an order that means something. */
export function ListField({ field, kind, value, onChange, path, readOnly, scope, id }: ControlProps<KindOf<'list'>>) {
  const entries = Array.isArray(value) ? (value as unknown[]) : [];
  const change = (act: (copy: unknown[]) => void) => {
    const copy = [...entries];
    act(copy);
    onChange(copy);
  };
  const swap = (at: number, other: number) => {
    scope.unread?.renumber(path, (each) => (each === at ? other : each === other ? at : each));
    change((copy) => ([copy[at], copy[other]] = [copy[other], copy[at]]));
  };
  const remove = (at: number) => {
    scope.unread?.renumber(path, (each) => (each === at ? null : each > at ? each - 1 : each));
    change((copy) => copy.splice(at, 1));
  };
  return (
    <div className={classes.rows}>
      {entries.map((entry, at) => {
        const name = m.field.entry(field.title, at + 1);
        const props = {
          field: { ...field, title: name, help: undefined, kind: kind.of, default: undefined },
          value: entry,
          onChange: (next: unknown) => change((copy) => (copy[at] = next ?? emptyOf(kind.of))),
          path: `${path}.${at}`,
          readOnly,
          scope,
        };
        return (
          // Entries have no identity of their own; their place is it.
          <div key={at} className={classes.entry} role="group" aria-label={name}>
            <div className={classes.entryHead}>
              {kind.of.type === 'group' ? name : <span />}
              {!readOnly && (
                <Group gap={0}>
                  <ActIcon
                    size={28}
                    name={m.field.up(name)}
                    reason={at === 0 ? m.field.first : null}
                    onClick={() => swap(at, at - 1)}
                  >
                    <IconArrowUp size={16} stroke={1.75} />
                  </ActIcon>
                  <ActIcon
                    size={28}
                    name={m.field.down(name)}
                    reason={at === entries.length - 1 ? m.field.last : null}
                    onClick={() => swap(at, at + 1)}
                  >
                    <IconArrowDown size={16} stroke={1.75} />
                  </ActIcon>
                  <ActIcon size={28} name={m.field.remove(name)} onClick={() => remove(at)}>
                    <IconTrash size={16} stroke={1.75} />
                  </ActIcon>
                </Group>
              )}
            </div>
            {kind.of.type === 'group' ? (
              <GroupField {...props} kind={{ type: 'group', fields: kind.of.fields }} id={`${id}-${at}`} />
            ) : (
              <FieldView {...props} />
            )}
          </div>
        );
      })}
      {!readOnly && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={16} />}
          onClick={() => change((copy) => copy.push(emptyOf(kind.of)))}
          style={{ alignSelf: 'flex-start' }}
        >
          {m.field.add(field.title)}
        </Button>
      )}
    </div>
  );
}
