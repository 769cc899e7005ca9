/** What the server found wrong, by the path of a form, as `branches.0.when`. */
export type Issues = Record<string, string>;

/** Entries of lists are `[0]` in issues and `.0` in forms. */
export const fieldPath = (path: string) => path.replaceAll(/\[(\d+)\]/g, '.$1');

/** What is said behind a name, as it stands alone: beginning with a capital. */
export const sentence = (said: string) => said.replace(/^\p{Ll}/u, (first) => first.toUpperCase());

/**
 * What is wrong with the field at `path`. With `whole` it is shown in one piece, so what is wrong with a part of it belongs
 * to it, too, and the message says which part.
 */
export function issueAt(issues: Issues, path: string, whole: boolean): string | undefined {
  if (issues[path] !== undefined) return sentence(issues[path]);
  const [below, message] = (whole && Object.entries(issues).find(([each]) => each.startsWith(`${path}.`))) || [];
  return below && `${below.slice(path.length + 1)}: ${message}`;
}
