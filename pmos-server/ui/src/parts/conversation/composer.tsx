import { ActionIcon, Button, Group, Select, Text, Textarea } from '@mantine/core';
import { IconPlayerStop, IconSend2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { catalogQuery } from '@/api/models';
import { type Problem, problemOf } from '@/api/problem';
import { m } from '@/messages/en';
import { ProblemView, toastProblem } from '../problem';
import { useWorkspace } from '../workspace';
import classes from './conversation.module.css';

interface Props {
  text: string;
  onText: (text: string) => void;
  onSend: (text: string, model: string | undefined) => Promise<unknown>;
  /** Stops what is at work; not there when nothing is. */
  onStop?: () => Promise<unknown>;
  placeholder: string;
  /** What to know while something is at work. */
  hint?: string;
}

/** Where one writes. Enter sends, Shift and Enter begin a new line. */
export function Composer({ text, onText, onSend, onStop, placeholder, hint }: Props) {
  const { id: workspace } = useWorkspace();
  const catalog = useQuery(catalogQuery(workspace));
  const [model, setModel] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [sending, setSending] = useState(false);
  const [stopping, setStopping] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const typed = useRef(text);
  typed.current = text;
  const models = catalog.data ?? [];
  const usual = models.find((each) => each.default);

  // With a keyboard at hand one writes at once; on a phone its keys would cover the page.
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    if (!onStop) setStopping(false);
  }, [onStop]);

  const send = async (event?: FormEvent) => {
    event?.preventDefault();
    if (sending || text.trim() === '') return;
    setSending(true);
    setProblem(null);
    // Cleared at once, so that what is typed meanwhile stays.
    onText('');
    try {
      await onSend(text, model ?? undefined);
    } catch (error) {
      onText(typed.current ? `${text}\n${typed.current}` : text);
      setProblem(problemOf(error));
    } finally {
      setSending(false);
    }
  };
  const stop = async () => {
    setStopping(true);
    try {
      await onStop?.();
    } catch (error) {
      setStopping(false);
      toastProblem(error);
    }
  };
  return (
    <form className={classes.composer} onSubmit={send}>
      {problem && <ProblemView error={problem} />}
      <div className={classes.field}>
        <Textarea
          ref={field}
          variant="unstyled"
          rows={1}
          maxLength={100_000}
          aria-label={m.chat.message}
          placeholder={placeholder}
          value={text}
          onChange={(event) => onText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
        <Group gap={8} justify="space-between" wrap="nowrap">
          {models.length > 0 ? (
            <Select
              size="xs"
              variant="unstyled"
              className={classes.model}
              aria-label={m.chat.model}
              data={models.map((each) => ({ value: each.model, label: each.model }))}
              value={model ?? usual?.model ?? null}
              placeholder={m.chat.chooseModel}
              onChange={setModel}
              searchable={models.length > 8}
              limit={100}
              comboboxProps={{ width: 280, position: 'top-start' }}
            />
          ) : (
            <Text size="xs" c="dimmed">
              {catalog.isSuccess ? m.chat.commandsOnly : ''}
            </Text>
          )}
          <Group gap={6} wrap="nowrap">
            {onStop && (
              <Button size="xs" variant="default" leftSection={<IconPlayerStop size={16} stroke={1.75} />} loading={stopping} onClick={stop}>
                {m.chat.stop}
              </Button>
            )}
            <ActionIcon type="submit" variant="filled" color="accent" aria-label={m.chat.send} loading={sending} disabled={text.trim() === ''}>
              <IconSend2 size={18} stroke={1.75} />
            </ActionIcon>
          </Group>
        </Group>
      </div>
      <Text size="xs" c="dimmed" className={classes.keys} role={hint ? 'status' : undefined}>
        {hint ?? m.chat.keysHint}
      </Text>
    </form>
  );
}
