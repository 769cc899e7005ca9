import { Kbd, Table } from '@mantine/core';
import { m } from '@/messages/en';
import { Dialog } from '@/parts/dialog';

/** The keys of the application. */
export function KeysDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title={m.keyboard.title}>
      <Table aria-label={m.keyboard.title} withRowBorders={false}>
        <Table.Tbody>
          {m.keyboard.keys.map(([keys, what]) => (
            <Table.Tr key={keys}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <Kbd>{keys}</Kbd>
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Dialog>
  );
}
