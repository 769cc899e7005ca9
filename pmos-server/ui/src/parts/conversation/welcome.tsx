import { Stack, Text, UnstyledButton } from '@mantine/core';
import { IconArrowUpRight, IconPlugOff, IconSparkles } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { catalogQuery } from '@/api/models';
import { m } from '@/messages/en';
import { ButtonLink } from '../link';
import { useReason, useWorkspace } from '../workspace';
import classes from './conversation.module.css';

/** Nothing was said yet: what it is for, three examples, and what goes without a model. */
export function Welcome({ aboutFlow, onExample }: { aboutFlow: boolean; onExample: (text: string) => void }) {
  const { id: workspace } = useWorkspace();
  const catalog = useQuery(catalogQuery(workspace));
  const manage = useReason('models.connect');
  const without = catalog.data?.length === 0;
  const examples = without ? m.chat.commands : aboutFlow ? m.chat.flowExamples : m.chat.examples;
  return (
    <Stack className={classes.welcome} gap="lg">
      <div className={classes.welcomeHead}>
        <span className={classes.bigFace} aria-hidden>
          <IconSparkles size={24} stroke={1.75} />
        </span>
        <Text fw={650} size="lg" component="h2">
          {aboutFlow ? m.chat.welcomeFlow : m.chat.welcome}
        </Text>
        <Text c="dimmed" maw={460}>
          {m.chat.welcomeText}
        </Text>
      </div>
      {without && (
        <div className={classes.without}>
          <IconPlugOff size={18} stroke={1.75} aria-hidden />
          <div>
            <Text fw={600}>{m.chat.noModel}</Text>
            <Text size="sm">{manage ? m.chat.noModelAsk : m.chat.noModelText}</Text>
          </div>
          {!manage && (
            <ButtonLink size="xs" variant="default" to="/w/$workspace/integrations/models" params={{ workspace }}>
              {m.models.connect}
            </ButtonLink>
          )}
        </div>
      )}
      <ul className={classes.examples} aria-label={m.chat.examplesTitle}>
        {examples.map((example) => (
          <li key={example}>
            <UnstyledButton className={classes.example} onClick={() => onExample(example)}>
              <span>{example}</span>
              <IconArrowUpRight size={16} stroke={1.75} aria-hidden />
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
