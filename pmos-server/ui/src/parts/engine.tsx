import { Select, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { enginesQuery } from '@/api/engines';
import { m } from '@/messages/en';
import { useWorkspace } from './workspace';

/** The services that run automations, as far as the screens outside of Integrations care. */
export function useEngines() {
  const { id: workspace } = useWorkspace();
  const list = useQuery(enginesQuery(workspace));
  const all = list.data ?? [];
  const connected = all.filter((each) => each.connected);
  return {
    all,
    connected,
    /** There is only something to tell apart when there are several. */
    several: connected.length > 1,
    of: (name: string) => all.find(({ engine }) => engine === name),
    titleOf: (name: string) => all.find(({ engine }) => engine === name)?.title ?? name,
    pending: list.isPending,
  };
}

/** Narrows a list to one service; not there while there is only one. */
export function EngineFilter({ value, onChange }: { value: string | undefined; onChange: (engine: string | undefined) => void }) {
  const { connected, several, titleOf } = useEngines();
  const options = connected.map(({ engine, title }) => ({ value: engine, label: title }));
  // One that was disconnected meanwhile may still stand in the address.
  if (value !== undefined && !options.some((option) => option.value === value)) options.push({ value, label: titleOf(value) });
  if (!several && value === undefined) return null;
  return (
    <Select
      aria-label={m.engines.column}
      placeholder={m.engines.any}
      data={options}
      value={value ?? null}
      onChange={(engine) => onChange(engine ?? undefined)}
      clearable
      clearButtonProps={{ 'aria-label': m.engines.any }}
      w={180}
    />
  );
}

/** Which service it is, said quietly. */
export function EngineLabel({ engine }: { engine: string }) {
  const { titleOf } = useEngines();
  return (
    <Text size="sm" c="dimmed" span>
      {titleOf(engine)}
    </Text>
  );
}
