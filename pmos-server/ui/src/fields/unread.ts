/** Text that cannot be read as a value yet, by the path of its field: kept while its field is not on the screen, and not saved. */
export interface Unread {
  read: (path: string) => string | undefined;
  /** Keeps the text of a field, or nothing once it could be read. */
  keep: (path: string, text: string | null) => void;
  /** Entries of the list at `path` have other places now, or none. */
  renumber: (path: string, to: (at: number) => number | null) => void;
}
