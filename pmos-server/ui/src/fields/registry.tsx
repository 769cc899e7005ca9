import type { ComponentType } from 'react';
import type { FieldKind } from '@/api/contract';
import { BooleanField } from './boolean';
import { CodeField } from './code';
import { ColorField } from './color';
import { ConditionsField } from './conditions';
import { DateTimeField } from './date-time';
import { DynamicField } from './dynamic';
import { DynamicGroupField } from './dynamic-group';
import { FlowField } from './flow';
import { GroupField } from './group';
import { HintField } from './hint';
import { JsonField } from './json';
import { KeyValueField } from './key-value';
import { ListField } from './list';
import { LocatorField } from './locator';
import { NumberField } from './number';
import { OptionalGroupField } from './optional-group';
import { SecretField } from './secret';
import { MultiSelectField, SelectField } from './select';
import { LongTextField, TextField } from './text';
import type { ControlProps } from './types';

interface Entry {
  // Each control takes its own kind; the table guarantees that it gets no other.
  control: ComponentType<ControlProps<never>>;
  /** Holds fields of its own, so that the label is a heading and not tied to one input. */
  composite?: boolean;
  /** Understands expressions itself. */
  text?: boolean;
  /** Shows what is wrong with a part of it at that part. */
  parts?: boolean;
}

const REGISTRY: Partial<Record<FieldKind['type'], Entry>> = {
  text: { control: TextField, text: true },
  long_text: { control: LongTextField, text: true },
  secret: { control: SecretField, text: true },
  number: { control: NumberField },
  boolean: { control: BooleanField },
  date_time: { control: DateTimeField },
  color: { control: ColorField },
  flow: { control: FlowField },
  select: { control: SelectField },
  multi_select: { control: MultiSelectField },
  dynamic: { control: DynamicField },
  dynamic_group: { control: DynamicGroupField, composite: true, text: true, parts: true },
  locator: { control: LocatorField, composite: true, parts: true },
  list: { control: ListField, composite: true, text: true, parts: true },
  group: { control: GroupField, composite: true, text: true, parts: true },
  optional_group: { control: OptionalGroupField, composite: true, text: true, parts: true },
  key_value: { control: KeyValueField, composite: true, text: true, parts: true },
  conditions: { control: ConditionsField, composite: true, text: true },
  json: { control: JsonField, composite: true, text: true },
  code: { control: CodeField, composite: true, text: true },
  hint: { control: HintField, composite: true, text: true },
};

/** How many fields of which unknown kind were shown as plain JSON, for the developer who looks for a missing control. */
export const unknownKinds = new Map<string, number>();

export function entryOf(kind: FieldKind): Entry {
  const entry = REGISTRY[kind.type];
  if (entry) return entry;
  unknownKinds.set(kind.type, (unknownKinds.get(kind.type) ?? 0) + 1);
  return { control: JsonField, composite: true, text: true };
}
