import { Button, Group, Text } from '@mantine/core';
import { IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Flow, Version } from '@/api/contract';
import { compareQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { Act } from '@/parts/act';
import { told, type Words } from '@/parts/edit-words';
import { Loading } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { Sentences } from '@/parts/sentences';
import { Pill } from '@/parts/status';
import { Ago } from '@/parts/time';
import { useWorkspace } from '@/parts/workspace';
import classes from './history.module.css';

interface Props {
  flow: Flow;
  version: Version;
  words: Words;
  by: string;
  /** Why it cannot be restored. */
  reason: string | null;
  onRestore: () => void;
}

/** A published version in the history: compared with the draft, or brought back. */
export function VersionEntry({ flow, version: { version, at, note }, words, by, reason, onRestore }: Props) {
  const [comparing, setComparing] = useState(false);
  return (
    <li className={classes.entry} data-version>
      <div className={classes.head}>
        <Group gap={8} wrap="nowrap">
          <IconRocket size={16} stroke={1.75} aria-hidden />
          <Text fw={600}>{m.history.published(version)}</Text>
          {flow.published?.version === version && <Pill tone="ok">{m.history.isLive}</Pill>}
        </Group>
        <Ago at={at} size="sm" c="dimmed" />
      </div>
      <Text size="sm" c="dimmed">
        {m.history.publishedBy(by)}
      </Text>
      {note && <Text size="sm">{note}</Text>}
      {comparing && <Changes flow={flow} version={version} words={words} />}
      <Group gap={8} className={classes.undo}>
        <Button
          size="compact-sm"
          variant="default"
          aria-expanded={comparing}
          aria-label={m.history.compareOf(version)}
          onClick={() => setComparing(!comparing)}
        >
          {m.history.compare}
        </Button>
        <Act reason={reason} size="compact-sm" variant="default" aria-label={m.history.restoreOf(version)} onClick={onRestore}>
          {m.history.restore}
        </Act>
      </Group>
    </li>
  );
}

function Changes({ flow, version, words }: Pick<Props, 'flow' | 'words'> & { version: number }) {
  const { id: workspace } = useWorkspace();
  const changes = useQuery(compareQuery(workspace, flow.id, version, flow.revision));
  if (changes.error) return <ProblemView error={changes.error} retry={changes.refetch} />;
  if (!changes.data) return <Loading rows={1} height={20} />;
  return (
    <Text size="sm" component="div" mt={4}>
      {changes.data.length === 0 ? m.history.same : m.history.since}
      <Sentences sentences={told(changes.data, words)} />
    </Text>
  );
}
