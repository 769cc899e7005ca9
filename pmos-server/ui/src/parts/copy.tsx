import { ActionIcon, Code, CopyButton, Group, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { m } from '@/messages/en';
import classes from './copy.module.css';

/** A text to be taken elsewhere: shown whole, copied with one press. */
export function CopyText({ value, label }: { value: string; label: string }) {
  return (
    <Group gap={0} wrap="nowrap" className={classes.frame}>
      <Code className={classes.text} tabIndex={0} role="textbox" aria-readonly aria-label={label}>
        {value}
      </Code>
      <CopyIcon value={value} name={m.app.copyOf(label)} />
    </Group>
  );
}

export function CopyIcon({ value, name }: { value: string; name: string }) {
  return (
    <CopyButton value={value} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? m.app.copied : name}>
          <ActionIcon onClick={copy} aria-label={name} color={copied ? 'accent' : 'gray'}>
            {copied ? <IconCheck size={18} stroke={1.75} /> : <IconCopy size={18} stroke={1.75} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
