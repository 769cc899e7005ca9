import type { Field, FieldKind, Settings } from '@/api/contract';

/** What a form knows about where it stands. */
export interface Scope {
  engine: string;
  piece: string;
  operation: string;
  settings: Settings;
  connection?: string | null;
  /** What expressions may refer to here, in the order of the flow; none where they are written in the words of an engine outside. */
  data: DataSource[] | null;
  /** What the server found wrong, by path as `values.total`. */
  issues: Record<string, string>;
}

export interface DataSource {
  name: string;
  /** The text that stands for it in an expression, as `steps.set`. */
  path: string;
  sample: unknown;
}

export interface ControlProps<K extends FieldKind = FieldKind> {
  field: Field;
  kind: K;
  value: unknown;
  onChange: (value: unknown) => void;
  /** Where the field stands in the settings, as `branches.0.when`. */
  path: string;
  issue?: string;
  readOnly: boolean;
  scope: Scope;
  id: string;
  describedBy?: string;
}

export type KindOf<T extends FieldKind['type']> = Extract<FieldKind, { type: T }>;

/** An expression in a field that is not text, as `{{ item.price }}`. */
export const isExpression = (value: unknown): value is string => typeof value === 'string' && value.includes('{{');
