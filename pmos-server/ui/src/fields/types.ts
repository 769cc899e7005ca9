import type { Field, FieldKind, Settings } from '@/api/contract';
import type { Issues } from './issues';
import type { Unread } from './unread';
import type { Filled } from './visible';

/** What a form knows about where it stands. */
export interface Scope {
  engine: string;
  piece: string;
  operation: string;
  settings: Settings;
  connection?: string | null;
  /** The settings around the field, and those of the step; known to fields inside a form. */
  here?: Filled;
  root?: Filled;
  /** What expressions may refer to here, in the order of the flow; none where they are written in the words of a remote engine. */
  data: DataSource[] | null;
  /** What the server found wrong, by path as `values.total`. */
  issues: Issues;
  /** Where text waits that cannot be read yet; it ends with the field where there is none. */
  unread?: Unread;
}

export interface DataSource {
  name: string;
  /** The text that stands for it in an expression, as `steps.set`. */
  path: string;
  /** What it held last, or may hold. */
  sample: unknown;
  /** Whether the sample is made up, so that real data may look different. */
  example: boolean;
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

/** What stands in a field that was just asked for. */
export function emptyOf(kind: FieldKind): unknown {
  switch (kind.type) {
    case 'group':
      // What must be there begins with its default; what need not is filled in by the engine.
      return Object.fromEntries(kind.fields.flatMap(({ name, required, default: value }) => (required && value !== undefined ? [[name, value]] : [])));
    case 'optional_group':
    case 'key_value':
      return {};
    case 'list':
    case 'multi_select':
      return [];
    case 'number':
      return 0;
    case 'boolean':
      return false;
    default:
      return '';
  }
}
