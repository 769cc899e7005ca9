import { Group, Text } from '@mantine/core';
import { IconBolt } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { Deed, ToolCall } from '@/api/contract';
import { flowNamesQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { ButtonLink } from '../link';
import { isObject } from '../objects';
import { useWorkspace } from '../workspace';
import { CallPill } from './call-status';
import classes from './conversation.module.css';

interface Props {
  deeds: Deed[];
  calls: ToolCall[];
  /** The automation that is open beside the conversation. */
  here?: string;
}

/** What was really done, read from the acts: what the assistant says of it stands elsewhere. */
export function Deeds({ deeds, calls, here }: Props) {
  const { id: workspace } = useWorkspace();
  const heading = useId();
  const names = useQuery(flowNamesQuery(workspace));
  const touched = new Set(calls.filter(({ effect, status }) => effect !== 'read' && status === 'succeeded').map(flowOf));
  const flows = names.data?.filter(({ id }) => touched.has(id) && id !== here) ?? [];
  return (
    <div className={classes.deeds} role="group" aria-labelledby={heading}>
      <Text size="xs" fw={600} id={heading}>
        {m.chat.deeds}
      </Text>
      <ul>
        {deeds.map(({ tool_call, title, status }) => (
          <li key={tool_call}>
            <Text span size="sm">
              {title}
            </Text>
            <CallPill status={status} />
          </li>
        ))}
      </ul>
      {flows.length > 0 && (
        <Group gap={8} mt={10}>
          {flows.map(({ id, name }) => (
            <ButtonLink
              key={id}
              size="xs"
              variant="default"
              leftSection={<IconBolt size={16} stroke={1.75} />}
              to="/w/$workspace/automations/$flow"
              params={{ workspace, flow: id }}
            >
              {m.chat.openFlow(name)}
            </ButtonLink>
          ))}
        </Group>
      )}
    </div>
  );
}

/** The automation that a call was about, or made. */
function flowOf({ arguments: given, result }: ToolCall): unknown {
  if (isObject(given) && given.flow !== undefined) return given.flow;
  return /flow_[0-9a-f]{32}/.exec(result ?? '')?.[0];
}
