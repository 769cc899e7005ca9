import { Button, ScrollArea, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { OperationSummary, PieceSummary } from '@/api/contract';
import { piecesQuery } from '@/api/flows';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';
import { LoadingSign } from '@/parts/loading-sign';
import { Loading } from '@/parts/page';
import { ProblemView } from '@/parts/problem';
import { StepIcon } from '@/parts/step-icon';
import { useWorkspace } from '@/parts/workspace';
import classes from './flows.module.css';

/** As many pieces as are shown at once; a word narrows them. */
const PIECES = 40;
/** As many operations of one piece among several, before its others are asked for. */
const OPERATIONS = 6;

interface Props {
  engine: string;
  kind: 'trigger' | 'action';
  onPick: (piece: PieceSummary, operation: OperationSummary) => void;
}

/** Everything a step can be, searched by what it does. */
export function StepPicker({ opened, onClose, ...props }: Props & { opened: boolean; onClose: () => void }) {
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      title={props.kind === 'trigger' ? m.editor.pickTrigger : m.editor.pickStep}
    >
      <Choices {...props} />
    </Dialog>
  );
}

function Choices({ engine, kind, onPick }: Props) {
  const { id: workspace } = useWorkspace();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const [open, setOpen] = useState<string | null>(null);
  const pieces = useQuery(piecesQuery(workspace, engine, { kind, q: search || undefined }));
  const found = pieces.data ?? [];
  const fresh = search === typed.trim() && !pieces.isFetching;
  return (
    <Stack gap="sm">
      <TextInput
        aria-label={m.editor.searchSteps}
        placeholder={m.editor.searchSteps}
        leftSection={<IconSearch size={16} />}
        rightSection={pieces.isFetching && !pieces.isPending ? <LoadingSign /> : null}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          const first = found[0];
          if (event.key === 'Enter' && search && fresh && first?.operations[0]) onPick(first, first.operations[0]);
        }}
        data-autofocus
      />
      {pieces.isPending && <Loading rows={3} />}
      {pieces.error && <ProblemView error={pieces.error} retry={pieces.refetch} />}
      <ScrollArea.Autosize mah={420} type="auto">
        {found.slice(0, PIECES).map((piece) => {
          const { name, title, operations } = piece;
          const shown = open === name || found.length === 1 ? operations : operations.slice(0, OPERATIONS);
          return (
            <div key={name} role="group" aria-label={title}>
              <Text size="xs" c="dimmed" fw={550} px={8} py={4}>
                {title}
              </Text>
              {shown.map((operation) => (
                <UnstyledButton key={operation.name} className={classes.option} onClick={() => onPick(piece, operation)}>
                  <StepIcon operation={operation.name} icon={operation.icon} />
                  <span className={classes.stepText}>
                    <Text fw={550} component="span">
                      {operation.title}
                    </Text>
                    <Text size="xs" c="dimmed" component="span">
                      {operation.help}
                    </Text>
                  </span>
                </UnstyledButton>
              ))}
              {shown.length < operations.length && (
                <Button variant="subtle" size="compact-sm" ml={4} mb={4} onClick={() => setOpen(name)}>
                  {m.editor.moreOf(operations.length - shown.length, title)}
                </Button>
              )}
            </div>
          );
        })}
        {found.length > PIECES && <Text c="dimmed" size="sm" p={8} children={m.editor.narrow(found.length - PIECES)} />}
        {pieces.data && found.length === 0 && <Text c="dimmed" p="md" ta="center" children={m.editor.noStep} />}
      </ScrollArea.Autosize>
    </Stack>
  );
}
