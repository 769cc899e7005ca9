import { Alert, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { Settings, Step } from '@/api/contract';
import { problemOf } from '@/api/problem';
import { parseJson } from '@/fields/json';
import type { Unread } from '@/fields/unread';
import { m } from '@/messages/en';
import { CodeText } from '@/parts/json';
import { ButtonLink } from '@/parts/link';
import { useWorkspace } from '@/parts/workspace';

const isSettings = (value: unknown): value is Settings => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The settings of a step for which there is no form, as they are stored. */
export function RawSettings({
  step,
  error,
  onChange,
  readOnly,
  unread,
}: {
  step: Step;
  /** Why the catalogue could not be read; without one the step is not in it. */
  error: Error | null;
  onChange: (settings: Settings) => void;
  readOnly: boolean;
  unread: Unread;
}) {
  const { id: workspace } = useWorkspace();
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
      <Alert color={error ? 'yellow' : 'gray'} icon={<IconInfoCircle size={20} />} mb="sm">
        {error ? (
          <Stack gap={8} align="flex-start">
            <Text>{problemOf(error).message}</Text>
            <Text>{m.editor.unread}</Text>
            <ButtonLink size="compact-sm" variant="default" to="/w/$workspace/integrations/services" params={{ workspace }}>
              {m.flows.toServices}
            </ButtonLink>
          </Stack>
        ) : (
          m.editor.unknown
        )}
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
