import { Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconMathFunction } from '@tabler/icons-react';
import { Component, type ReactNode, useId, useRef, useState } from 'react';
import type { Field, Settings } from '@/api/contract';
import { m } from '@/messages/en';
import classes from './field.module.css';
import { issueAt } from './issues';
import { entryOf } from './registry';
import { TextField } from './text';
import { type ControlProps, isExpression, type Scope } from './types';
import { filled, isVisible } from './visible';

interface FormProps {
  fields: Field[];
  value: Settings;
  onChange: (value: Settings) => void;
  readOnly: boolean;
  scope: Scope;
  path?: string;
}

/** A form made of field descriptions. */
export function FieldForm({ fields, value, onChange, readOnly, scope, path = '' }: FormProps) {
  const set = (name: string, next: unknown) => {
    const changed = { ...value };
    if (next === undefined) delete changed[name];
    else changed[name] = next;
    onChange(changed);
  };
  const here = filled(fields, value, scope.root);
  const inner = { ...scope, here, root: scope.root ?? here };
  return (
    <div className={classes.form}>
      {fields
        .filter((field) => isVisible(field, here))
        .map((field) => (
          <FieldBoundary key={field.name} title={field.title}>
            <FieldView
              field={field}
              value={value[field.name]}
              onChange={(next) => set(field.name, next)}
              readOnly={readOnly}
              scope={inner}
              path={path ? `${path}.${field.name}` : field.name}
            />
          </FieldBoundary>
        ))}
    </div>
  );
}

interface ViewProps {
  field: Field;
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
  scope: Scope;
  path: string;
}

/** One field: label, control, help or what is wrong. */
export function FieldView({ field, value, onChange, readOnly, scope, path }: ViewProps) {
  const id = useId();
  const entry = entryOf(field.kind);
  const issue = issueAt(scope.issues, path, !entry.parts);
  const switchable = field.expressions === true && !entry.text;
  const [asData, setAsData] = useState(isExpression(value));
  // What stood in the other way of filling the field comes back when it is chosen again.
  const other = useRef<unknown>(undefined);
  const described = issue ? `${id}-issue` : field.help ? `${id}-help` : undefined;
  const props: ControlProps = {
    field,
    kind: field.kind,
    value: value ?? (readOnly ? field.default : value),
    onChange,
    path,
    issue,
    readOnly,
    scope,
    id,
    describedBy: described,
  };
  const Control = (switchable && asData ? TextField : entry.control) as (props: ControlProps) => ReactNode;
  const toggle = () => {
    setAsData(!asData);
    onChange(other.current);
    other.current = value;
  };
  if (field.kind.type === 'hint') return <Control {...props} />;
  const title = (
    <>
      {field.title}
      {field.required && (
        <span className={classes.required} aria-hidden>
          {' *'}
        </span>
      )}
    </>
  );
  return (
    <div className={classes.field} data-field={path} role={entry.composite ? 'group' : undefined} aria-labelledby={entry.composite ? `${id}-label` : undefined}>
      <div className={classes.head}>
        {entry.composite ? (
          <span id={`${id}-label`} className={classes.label}>
            {title}
          </span>
        ) : (
          <label id={`${id}-label`} htmlFor={id} className={classes.label}>
            {title}
          </label>
        )}
        {switchable && !readOnly && (
          <Tooltip label={asData ? m.field.fixed : m.field.useData}>
            <UnstyledButton
              className={classes.mode}
              aria-pressed={asData}
              aria-label={m.field.dataFor(field.title)}
              onClick={toggle}
            >
              <IconMathFunction size={16} stroke={1.75} aria-hidden />
            </UnstyledButton>
          </Tooltip>
        )}
      </div>
      <Control {...props} />
      {issue ? (
        <Text id={`${id}-issue`} size="xs" c="var(--pm-bad)">
          {issue}
        </Text>
      ) : (
        field.help && (
          <Text id={`${id}-help`} size="xs" c="dimmed">
            {field.help}
          </Text>
        )
      )}
    </div>
  );
}

/** One broken field must not take the form with it. */
class FieldBoundary extends Component<{ title: string; children: ReactNode }, { failed: boolean }> {
  state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Text size="sm" c="var(--pm-bad)" role="alert">
        {m.field.broken(this.props.title)}
      </Text>
    );
  }
}
