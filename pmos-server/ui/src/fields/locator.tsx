import { SegmentedControl } from '@mantine/core';
import { FieldView } from './field';
import classes from './field.module.css';
import { objectOf } from './group';
import type { ControlProps, KindOf } from './types';

/** One object of a service, named from a list, by address or by id. */
export function LocatorField({ field, kind, value, onChange, path, readOnly, scope }: ControlProps<KindOf<'locator'>>) {
  const known = objectOf(value ?? field.default);
  const put = (change: { mode: string; value?: unknown }) => onChange({ ...kind.fixed, ...change });
  const mode = kind.modes.find((each) => each.name === known.mode) ?? kind.modes[0];
  if (!mode) return null;
  return (
    <div className={classes.rows}>
      <SegmentedControl
        aria-label={field.title}
        size="xs"
        data={kind.modes.map(({ name, title }) => ({ value: name, label: title }))}
        value={mode.name}
        onChange={(next) => put({ mode: next, value: '' })}
        readOnly={readOnly}
      />
      <FieldView
        field={mode}
        value={known.value}
        onChange={(next) => put({ mode: mode.name, value: next ?? '' })}
        path={`${path}.value`}
        readOnly={readOnly}
        scope={scope}
      />
    </div>
  );
}
