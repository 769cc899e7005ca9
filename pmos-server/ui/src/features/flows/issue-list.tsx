import { Button, Popover, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Flow, Issue } from '@/api/contract';
import { sentence } from '@/fields/issues';
import { m } from '@/messages/en';
import { partOf } from '@/parts/edit-words';
import { useLayer } from '@/parts/layers';
import type { Catalogue } from './catalogue';
import classes from './flows.module.css';

/** How many things are missing; opened, which they are, each with the way to its field. */
export function IssueList({
  flow,
  catalogue,
  onIssue,
  refused,
}: {
  flow: Flow;
  catalogue: Catalogue;
  onIssue: (step: string, field: string | undefined) => void;
  /** Whether publishing was just refused because of them, so that they are shown unasked. */
  refused: boolean;
}) {
  const { issues } = flow;
  const [opened, setOpened] = useState(false);
  useLayer(opened, () => setOpened(false));
  useEffect(() => setOpened(refused), [refused]);
  const stepOf = (issue: Issue) => flow.draft.steps.find(({ id }) => id === issue.step);
  const fieldOf = (issue: Issue) => {
    const name = issue.field?.split(/[.[]/)[0];
    if (!name) return undefined;
    const step = stepOf(issue);
    return (step && catalogue.operationOf(step)?.fields.find((field) => field.name === name)?.title) ?? partOf(name);
  };
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width="min(420px, calc(100vw - 32px))" withinPortal trapFocus returnFocus closeOnEscape={false}>
      <Popover.Target>
        <Button variant="default" rightSection={<IconChevronDown size={16} />} onClick={() => setOpened(!opened)}>
          {m.flows.issues(issues.length)}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <ul className={classes.issues}>
          {issues.map((issue, at) => {
            const { step } = issue;
            const name = stepOf(issue)?.name;
            const field = fieldOf(issue);
            const text = field ? m.publish.issue(field, issue.message) : sentence(issue.message);
            return (
              <li key={at}>
                {step && name !== undefined ? (
                  <UnstyledButton
                    className={classes.issue}
                    onClick={() => {
                      setOpened(false);
                      onIssue(step, issue.field ?? undefined);
                    }}
                  >
                    <Text fw={600} size="sm">
                      {name}
                    </Text>
                    <Text size="sm">{text}</Text>
                  </UnstyledButton>
                ) : (
                  <Text size="sm" className={classes.issue}>
                    {text}
                  </Text>
                )}
              </li>
            );
          })}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
