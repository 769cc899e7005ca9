import { Combobox, Input, InputBase, useCombobox } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { connectionsQuery } from '@/api/connections';
import { m } from '@/messages/en';
import { useReason, useWorkspace } from '@/parts/workspace';
import { sentence } from '../issues';
import classes from './connection.module.css';
import { CreateDialog } from './create-dialog';

interface Props {
  engine: string;
  piece: string;
  /** What the step takes; anything when empty. */
  kinds: string[];
  value: string | null;
  onChange: (id: string | undefined) => void;
  issue?: string;
  readOnly: boolean;
}

const NONE = 'none';
const NEW = 'new';

/** The credential of a step: one of those that fit, or a new one, made without leaving the step. */
export function ConnectionSelect({ engine, piece, kinds, value, onChange, issue, readOnly }: Props) {
  const { id: workspace } = useWorkspace();
  const list = useQuery(connectionsQuery(workspace));
  const right = useReason('connections.create');
  const [creating, setCreating] = useState(false);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const id = useId();
  const fitting = (list.data ?? []).filter(
    (connection) => connection.id === value || (connection.engine === engine && (kinds.length === 0 || kinds.includes(connection.kind))),
  );
  const chosen = fitting.find((connection) => connection.id === value);
  // One that is gone stays to be seen, and the server says that it is gone.
  const shown = chosen ? labelOf(chosen) : value === null ? null : list.data ? m.editor.goneConnection : '';
  const choose = (option: string) => {
    combobox.closeDropdown();
    if (option === NEW) setCreating(true);
    else onChange(option === NONE ? undefined : option);
  };
  return (
    <>
      <Combobox store={combobox} onOptionSubmit={choose} disabled={readOnly}>
        <Combobox.Target targetType="button" withExpandedAttribute>
          <InputBase
            component="button"
            type="button"
            id={id}
            data-field="connection"
            label={m.editor.connection}
            description={m.editor.connectionHelp}
            error={issue && sentence(issue)}
            aria-label={shown ? `${m.editor.connection}, ${shown}` : m.editor.connection}
            role="combobox"
            aria-readonly={readOnly || undefined}
            aria-invalid={issue ? true : undefined}
            pointer={!readOnly}
            rightSection={<Combobox.Chevron />}
            rightSectionPointerEvents="none"
            onClick={() => !readOnly && combobox.toggleDropdown()}
          >
            {shown ?? <Input.Placeholder>{m.editor.noConnection}</Input.Placeholder>}
          </InputBase>
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Options aria-label={m.editor.connection}>
            {list.data && fitting.length === 0 && <Combobox.Empty>{kinds.length > 0 && list.data.length > 0 ? m.editor.noFitting : m.connections.none}</Combobox.Empty>}
            {value !== null && <Combobox.Option value={NONE}>{m.editor.noConnection}</Combobox.Option>}
            {fitting.map((connection) => (
              <Combobox.Option key={connection.id} value={connection.id} active={connection.id === value} aria-selected={connection.id === value}>
                {labelOf(connection)}
              </Combobox.Option>
            ))}
            <Combobox.Option value={NEW} disabled={right !== null} className={classes.new}>
              <IconPlus size={16} stroke={1.75} aria-hidden />
              <span>
                {m.connections.create}
                {right && <span className={classes.reason}>{right}</span>}
              </span>
            </Combobox.Option>
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <CreateDialog opened={creating} onClose={() => setCreating(false)} onCreated={onChange} wanted={{ engine, piece, kinds }} />
    </>
  );
}

const labelOf = ({ name, hosts }: { name: string; hosts: string[] }) => (hosts.length > 0 ? m.editor.connectionOption(name, hosts.join(', ')) : name);
