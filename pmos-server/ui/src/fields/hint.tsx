import { Alert } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import classes from './field.module.css';
import type { ControlProps } from './types';

/** A remark for the person who fills in the form. Plain text: nothing a service says is run as markup. */
export function HintField({ field }: ControlProps) {
  return (
    <Alert variant="light" color="gray" icon={<IconInfoCircle size={18} />} title={field.title} className={classes.hint}>
      {field.help}
    </Alert>
  );
}
