import { Code } from '@mantine/core';
import classes from './raw.module.css';

/** A value as it is, for reading; what is long scrolls. */
export function Raw({ label, value }: { label: string; value: unknown }) {
  return (
    <Code block tabIndex={0} role="group" aria-label={label} className={classes.raw}>
      {typeof value === 'string' ? readable(value) : JSON.stringify(value, null, 2)}
    </Code>
  );
}

/** JSON that came as a text is laid out, too. */
function readable(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
