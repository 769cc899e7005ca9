import { Modal, ScrollArea, Stack, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { Operation, Piece } from '@/api/contract';
import { m } from '@/messages/en';
import { Loading } from '@/parts/page';
import { StepIcon } from '@/parts/step-icon';
import type { Catalogue } from './catalogue';
import classes from './flows.module.css';

interface Props {
  opened: boolean;
  onClose: () => void;
  kind: 'trigger' | 'action';
  catalogue: Catalogue;
  onPick: (piece: Piece, operation: Operation) => void;
}

/** Everything a step can be, searched by what it does. */
export function StepPicker({ opened, onClose, kind, catalogue, onPick }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={kind === 'trigger' ? m.editor.pickTrigger : m.editor.pickStep}
      closeButtonProps={{ 'aria-label': m.app.close }}
    >
      <Choices kind={kind} catalogue={catalogue} onPick={onPick} />
    </Modal>
  );
}

function Choices({ kind, catalogue, onPick }: Pick<Props, 'kind' | 'catalogue' | 'onPick'>) {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = catalogue.pieces
    .map((piece) => ({
      piece,
      operations: piece.operations.filter(
        (operation) =>
          operation.kind === kind && (!wanted || `${piece.title} ${operation.title} ${operation.help}`.toLowerCase().includes(wanted)),
      ),
    }))
    .filter(({ operations }) => operations.length > 0);
  return (
    <Stack gap="sm">
      <TextInput
        aria-label={m.editor.searchSteps}
        placeholder={m.editor.searchSteps}
        leftSection={<IconSearch size={16} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          const first = found[0];
          if (event.key === 'Enter' && wanted && first?.operations[0]) onPick(first.piece, first.operations[0]);
        }}
        data-autofocus
      />
      {catalogue.pending && <Loading rows={3} />}
      <ScrollArea.Autosize mah={420} type="auto">
        {found.map(({ piece, operations }) => (
          <div key={piece.name} role="group" aria-label={piece.title}>
            <Text size="xs" c="dimmed" fw={550} px={8} py={4}>
              {piece.title}
            </Text>
            {operations.map((operation) => (
              <UnstyledButton key={operation.name} className={classes.option} onClick={() => onPick(piece, operation)}>
                <StepIcon operation={operation.name} />
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
          </div>
        ))}
        {!catalogue.pending && found.length === 0 && <Text c="dimmed" p="md" ta="center" children={m.editor.noStep} />}
      </ScrollArea.Autosize>
    </Stack>
  );
}
