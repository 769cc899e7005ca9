import { m } from '@/messages/en';

/** Families of ports by which the work goes on; any other joins a step with one that it serves, as a tool with its agent. */
const WORK = new Set(['next', 'main', 'branch', 'otherwise', 'loop', 'success', 'failure', 'error']);

/** What a port carries: `main` of `main:0`. */
export const familyOf = (port: string) => port.split(':', 1)[0] ?? port;

const numberOf = (port: string) => Number(port.slice(familyOf(port).length + 1)) || 0;

/** Whether what leads out here is done next. */
export const carriesWork = (port: string) => WORK.has(familyOf(port));

/** Ports of a family by their number: `main:2` before `main:10`. */
export const byPort = (a: string, b: string) => familyOf(a).localeCompare(familyOf(b), 'en') || numberOf(a) - numberOf(b);

/** What people call a way out that the settings give no name. */
export function portWord(port: string): string {
  if (port === 'next') return m.editor.lane.next;
  if (carriesWork(port)) return m.editor.lane.branch(numberOf(port) + 1);
  return servingWord(port);
}

/** As what a step serves another: `ai_languageModel:0` reads “Language model”. */
export function servingWord(port: string): string {
  const words = familyOf(port)
    .replace(/^ai_/, '')
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
