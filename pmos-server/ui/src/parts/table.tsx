import { Button, Text } from '@mantine/core';
import type { Key, ReactNode } from 'react';
import { m } from '@/messages/en';
import classes from './table.module.css';

export interface Column<T> {
  key: string;
  head: string;
  cell: (row: T) => ReactNode;
  align?: 'end';
  /** Share of the width; without it the column takes what it needs. */
  grow?: boolean;
  /** A column of buttons; its head is read aloud only. */
  bare?: boolean;
}

/** A table that turns into cards where there is no room. Roles are written out because the cards change `display`. */
export function Table<T>({
  label,
  rows,
  columns,
  rowKey,
}: {
  label: string;
  rows: T[];
  columns: Column<T>[];
  rowKey: (row: T) => Key;
}) {
  return (
    <div className={classes.scroll}>
      <table className={classes.table} role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.key} role="columnheader" scope="col" data-align={column.align} data-grow={column.grow || undefined}>
                {column.bare ? <span className={classes.hidden}>{column.head}</span> : column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row">
              {columns.map((column, at) => (
                <td
                  key={column.key}
                  role="cell"
                  data-align={column.align}
                  data-first={at === 0 || undefined}
                  data-bare={column.bare || undefined}
                  data-head={column.head}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** The way to what does not fit on the first page of a list. */
export function More({ list }: { list: Paged }) {
  if (!list.hasNextPage) return null;
  return (
    <div className={classes.more}>
      <Button variant="default" loading={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
        {m.app.more}
      </Button>
    </div>
  );
}

/** Name over a smaller second line, both cut when too long. */
export function TwoLines({ first, second }: { first: ReactNode; second?: ReactNode }) {
  return (
    <div className={classes.two}>
      <div className={classes.cut}>{first}</div>
      {second && (
        <Text size="xs" c="dimmed" component="div" className={classes.cut}>
          {second}
        </Text>
      )}
    </div>
  );
}
