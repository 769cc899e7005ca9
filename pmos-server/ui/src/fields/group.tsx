import type { Settings } from '@/api/contract';
import { FieldForm } from './field';
import type { ControlProps, KindOf } from './types';

export const objectOf = (value: unknown): Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Settings) : {};

/** A group that is left out begins with its default. */
export function GroupField({ field, kind, value, onChange, path, readOnly, scope }: ControlProps<KindOf<'group'>>) {
  return <FieldForm fields={kind.fields} value={objectOf(value ?? field.default)} onChange={onChange} readOnly={readOnly} scope={scope} path={path} />;
}
