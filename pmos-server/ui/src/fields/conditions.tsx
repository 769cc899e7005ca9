import { Button, Select, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { m } from '@/messages/en';
import { ActIcon } from '@/parts/act';
import classes from './field.module.css';
import type { ControlProps } from './types';

interface Test {
  left: string;
  operator: string;
  right?: string;
}

const OPERATORS = Object.entries(m.operator).map(([value, label]) => ({ value, label }));
const UNARY = new Set(['set', 'not_set']);
const NEW: Test = { left: '', operator: 'equals', right: '' };

/** Groups of conditions: one group suffices, and in a group all of them must hold. */
export function ConditionsField({ field, value, onChange, readOnly }: ControlProps) {
  const groups = Array.isArray(value) ? (value as Test[][]) : [];
  const put = (at: number, group: Test[]) =>
    onChange(groups.map((each, index) => (index === at ? group : each)).filter((each) => each.length > 0));
  return (
    <div className={classes.rows}>
      {groups.map((group, at) => (
        <div key={at} className={classes.entry} role="group" aria-label={m.field.entry(field.title, at + 1)}>
          {at > 0 && <Text size="xs" c="dimmed" children={m.field.or} />}
          <div className={classes.rows}>
            {group.map((test, row) => {
              const set = (change: Partial<Test>) => put(at, group.map((each, index) => (index === row ? { ...test, ...change } : each)));
              return (
                <div key={row} className={classes.row}>
                  <TextInput aria-label={m.field.left} value={test.left} readOnly={readOnly} onChange={(e) => set({ left: e.currentTarget.value })} />
                  <div className={classes.rows}>
                    <Select
                      aria-label={m.field.comparison}
                      data={OPERATORS}
                      value={test.operator}
                      readOnly={readOnly}
                      onChange={(operator) => operator && set({ operator })}
                    />
                    {!UNARY.has(test.operator) && (
                      <TextInput aria-label={m.field.right} value={test.right ?? ''} readOnly={readOnly} onChange={(e) => set({ right: e.currentTarget.value })} />
                    )}
                  </div>
                  {!readOnly && (
                    <ActIcon name={m.field.removeRow(String(row + 1))} onClick={() => put(at, group.filter((_, index) => index !== row))}>
                      <IconTrash size={16} stroke={1.75} />
                    </ActIcon>
                  )}
                </div>
              );
            })}
            {!readOnly && (
              <Button variant="subtle" size="xs" style={{ alignSelf: 'flex-start' }} onClick={() => put(at, [...group, NEW])}>
                {m.field.and}
              </Button>
            )}
          </div>
        </div>
      ))}
      {!readOnly && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={16} />}
          style={{ alignSelf: 'flex-start' }}
          onClick={() => onChange([...groups, [NEW]])}
        >
          {groups.length === 0 ? m.field.addCondition : m.field.orGroup}
        </Button>
      )}
    </div>
  );
}
