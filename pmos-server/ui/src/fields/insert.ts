/** Whether what follows this text stands inside the braces of an expression. */
export const isInside = (before: string) => before.lastIndexOf('{{') > before.lastIndexOf('}}');

/** What has to be written behind this text so that the data is used. */
export const referTo = (path: string, before: string) => (isInside(before) ? path : `{{ ${path} }}`);

/** The same where the text is JSON: bare when it is all there is, else inside quotes, of which there may be some already. */
export function referInJson(path: string, before: string): string {
  const inString = (before.replaceAll(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1;
  const text = referTo(path, before);
  if (inString) return JSON.stringify(text).slice(1, -1);
  return before.trim() === '' || isInside(before) ? text : JSON.stringify(text);
}
