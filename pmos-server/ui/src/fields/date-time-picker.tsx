import '@mantine/dates/styles.css';
import { DateTimePicker } from '@mantine/dates';
import { m } from '@/messages/en';
import type { ControlProps } from './types';

/** A point in time: chosen in the zone of the browser, stored with its offset from UTC resolved. */
export default function Picker({ value, onChange, issue, readOnly, id, describedBy }: ControlProps) {
  return (
    <DateTimePicker
      id={id}
      aria-describedby={describedBy}
      value={typeof value === 'string' && value ? new Date(value) : null}
      onChange={(next) => onChange(next ? new Date(next).toISOString() : undefined)}
      error={Boolean(issue)}
      readOnly={readOnly}
      clearable
      placeholder={m.field.chooseTime}
      valueFormat="D MMM YYYY HH:mm"
    />
  );
}
