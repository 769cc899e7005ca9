import { Alert, Group, ScrollArea, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import type { StepRun } from '@/api/contract';
import { m } from '@/messages/en';
import { CopyIcon } from '@/parts/copy';
import { JsonView } from '@/parts/json';
import { Section } from '@/parts/page';
import { StatusPill } from '@/parts/status';
import { duration, exactTime } from '@/parts/time';
import classes from './runs.module.css';

/** What one step took in, gave out, and how it went. */
export function StepDetail({ step }: { step: StepRun }) {
  const has = { input: step.input !== undefined && step.input !== null, output: step.output !== undefined && step.output !== null };
  const [tab, setTab] = useState<string | null>(has.output || !has.input ? 'output' : 'input');
  const value = tab === 'input' ? step.input : step.output;
  return (
    <Section>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Text fw={600} size="lg" component="h2" m={0} className={classes.nodeName} title={step.name}>
          {step.name}
        </Text>
        <Group gap="sm" wrap="nowrap">
          <Text size="sm" c="dimmed">
            {duration(step.duration_ms)}
          </Text>
          <StatusPill status={step.status} />
        </Group>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {[step.started_at ? exactTime(step.started_at) : null, (step.attempt ?? 1) > 1 ? m.runs.attempt(step.attempt ?? 1) : null]
          .filter(Boolean)
          .join(', ')}
      </Text>
      {step.error && (
        <Alert color={step.status === 'unknown' ? 'yellow' : 'red'} mb="md" title={m.runs.whatFailed}>
          {step.error}
        </Alert>
      )}
      <Tabs value={tab} onChange={setTab}>
        <ScrollArea type="never" viewportProps={{ tabIndex: -1 }}>
          <Tabs.List className={classes.tabs}>
            <Tabs.Tab value="input">{m.runs.input}</Tabs.Tab>
            <Tabs.Tab value="output">{m.runs.output}</Tabs.Tab>
          </Tabs.List>
        </ScrollArea>
        {(['input', 'output'] as const).map((each) => (
          <Tabs.Panel key={each} value={each} pt="sm">
            {has[each] ? (
              <>
                <Group justify="flex-end" mb={4}>
                  <CopyIcon value={JSON.stringify(value, null, 2)} name={m.app.copyOf(m.runs[each].toLowerCase())} />
                </Group>
                <JsonView value={value} label={`${step.name}: ${m.runs[each]}`} />
              </>
            ) : (
              <Text c="dimmed" py="md">
                {each === 'input' ? m.runs.noInput : m.runs.noOutput}
              </Text>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Section>
  );
}
