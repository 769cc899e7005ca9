import { Alert, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { Settings, Step } from '@/api/contract';
import { parseJson } from '@/fields/json';
import type { Unread } from '@/fields/unread';
import { m } from '@/messages/en';
import { CodeText } from '@/parts/json';

const isSettings = (value: unknown): value is Settings => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The settings of a step for which there is no form, as they are stored. */
export function RawSettings({
  step,
  reachable,
  onChange,
  readOnly,
  unread,
}: {
  step: Step;
  /** Whether the catalogue answered, so that the step is not in it rather than not read. */
  reachable: boolean;
  onChange: (settings: Settings) => void;
  readOnly: boolean;
  unread: Unread;
}) {
  const stored = JSON.stringify(step.settings, null, 2);
  const [text, setText] = useState(() => unread.read('') ?? stored);
  const seen = useRef(stored);
  const typed = parseJson(text);
  // What others changed is taken over, but never over something that is being written.
  if (stored !== seen.current) {
    const written = typed === null ? null : JSON.stringify(typed.value, null, 2);
    if (written === seen.current) setText(stored);
    seen.current = stored;
  }
  const valid = typed !== null && isSettings(typed.value);
  return (
    <div>
      <Alert color="gray" icon={<IconInfoCircle size={20} />} mb="sm">
        {reachable ? m.editor.unknown : m.editor.unread}
      </Alert>
      <Text fw={550} mb={4}>
        {m.editor.rawSettings}
      </Text>
      <CodeText
        label={m.editor.rawSettings}
        text={text}
        invalid={!valid}
        minHeight={160}
        onChange={
          readOnly
            ? undefined
            : (next) => {
                setText(next);
                const read = parseJson(next);
                const settings = read !== null && isSettings(read.value) ? read.value : null;
                unread.keep('', settings ? null : next);
                if (!settings) return;
                seen.current = JSON.stringify(settings, null, 2);
                onChange(settings);
              }
        }
      />
      {!valid && (
        <Text size="xs" c="var(--pm-bad)" role="status">
          {m.field.notJson}
        </Text>
      )}
    </div>
  );
}
