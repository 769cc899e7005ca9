import { Button, Menu } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import classes from './field.module.css';
import { FieldView } from './field';
import { objectOf } from './group';
import { type ControlProps, emptyOf, type KindOf } from './types';
import { filled, isVisible } from './visible';

/** Fields of which only those are shown that were asked for. */
export function OptionalGroupField({ field: group, kind, value, onChange, path, readOnly, scope }: ControlProps<KindOf<'optional_group'>>) {
  const known = objectOf(value ?? group.default);
  // What may be left out has no value until it is asked for, so no defaults count here.
  const here = filled([], known, scope.root);
  const inner = { ...scope, here, root: scope.root ?? here };
  const shown = kind.fields.filter((field) => isVisible(field, here));
  const present = shown.filter((field) => field.name in known);
  const absent = shown.filter((field) => !(field.name in known));
  const set = (name: string, next: unknown) => onChange({ ...known, [name]: next });
  return (
    <div className={classes.rows}>
      {present.map((field) => (
        <div key={field.name} className={classes.entry}>
          <FieldView
            field={field}
            value={known[field.name]}
            onChange={(next) => set(field.name, next ?? emptyOf(field.kind))}
            path={`${path}.${field.name}`}
            readOnly={readOnly}
            scope={inner}
          />
          {!readOnly && (
            <ActIcon
              size={28}
              name={m.field.remove(field.title)}
              onClick={() => onChange(Object.fromEntries(Object.entries(known).filter(([name]) => name !== field.name)))}
            >
              <IconTrash size={16} stroke={1.75} />
            </ActIcon>
          )}
        </div>
      ))}
      {!readOnly && absent.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="default" size="xs" leftSection={<IconPlus size={16} />} style={{ alignSelf: 'flex-start' }}>
              {m.field.addOption}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {absent.map((field) => (
              <Menu.Item key={field.name} onClick={() => set(field.name, field.default ?? emptyOf(field.kind))}>
                {field.title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
