import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { optionsQuery } from '@/api/flows';
import { problemOf } from '@/api/problem';
import { LoadingSign } from '@/parts/loading-sign';
import { useWorkspace } from '@/parts/workspace';
import classes from './field.module.css';
import { FieldView } from './field';
import { objectOf } from './group';
import type { ControlProps, KindOf } from './types';
import { lookup } from './visible';

/** Fields that the service itself names. What has a value stays to be seen when the service does not name it, or not yet. */
export function DynamicGroupField({ field, kind, value, onChange, path, readOnly, scope }: ControlProps<KindOf<'dynamic_group'>>) {
  const { id: workspace } = useWorkspace();
  const { engine, piece, operation, settings, connection } = scope;
  const asked = useQuery(
    optionsQuery(
      workspace,
      { engine, piece, operation, field: path, settings, connection },
      kind.depends_on.map((on) => lookup(scope.here ?? { settings }, on)),
    ),
  );
  const known = objectOf(value ?? field.default);
  const named = (asked.data?.items ?? []).map((option) => ({ name: String(option.value), title: option.label }));
  const others = Object.keys(known).filter((name) => !named.some((each) => each.name === name));
  const set = (name: string, next: unknown) =>
    onChange(next === undefined ? Object.fromEntries(Object.entries(known).filter(([key]) => key !== name)) : { ...known, [name]: next });
  return (
    <div className={classes.rows}>
      {asked.isFetching && <LoadingSign />}
      {asked.error && (
        <Text size="xs" c="var(--pm-bad)" role="status">
          {problemOf(asked.error).message}
        </Text>
      )}
      {[...named, ...others.map((name) => ({ name, title: name }))].map(({ name, title }) => (
        <FieldView
          key={name}
          field={{ name, title, kind: { type: 'text' }, required: false, expressions: field.expressions }}
          value={known[name]}
          onChange={(next) => set(name, next)}
          path={`${path}.${name}`}
          readOnly={readOnly}
          scope={scope}
        />
      ))}
    </div>
  );
}
