/** The little of Markdown that assistants write, read into a tree. Nothing of a text ever becomes markup of the page. */

export type Inline =
  | { kind: 'text' | 'strong' | 'emphasis' | 'code'; text: string }
  /** Only addresses of the web; whatever else is written as a link stays text. */
  | { kind: 'link'; text: string; href: string };

export type Block =
  | { kind: 'paragraph' | 'heading'; lines: Inline[][] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string };

const FENCE = /^\s*```/;
const HEADING = /^#{1,6}\s+(.*)$/;
const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*\d+[.)]\s+(.*)$/;
const INLINE = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|\*([^*\s][^*\n]*)\*|\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]])/g;

/** The blocks of a text, one after the other. A text that is still being written may end anywhere. */
export function blocks(text: string): Block[] {
  const found: Block[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  let open: Block | null = null;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (FENCE.test(line)) {
      const end = lines.findIndex((each, index) => index > at && FENCE.test(each));
      const until = end < 0 ? lines.length : end;
      found.push({ kind: 'code', text: lines.slice(at + 1, until).join('\n') });
      at = until;
      open = null;
      continue;
    }
    const next = read(line, open);
    if (next && next !== open) found.push(next);
    open = next;
  }
  return found;
}

/** The block that a line belongs to: the open one, a new one, or none for an empty line. */
function read(line: string, open: Block | null): Block | null {
  if (line.trim() === '') return open?.kind === 'list' ? open : null;
  const heading = HEADING.exec(line);
  if (heading) return { kind: 'heading', lines: [inline(heading[1] ?? '')] };
  const bullet = BULLET.exec(line);
  const item = bullet ?? NUMBER.exec(line);
  if (item) {
    const ordered = bullet === null;
    const text = inline(item[1] ?? '');
    if (open?.kind !== 'list' || open.ordered !== ordered) return { kind: 'list', ordered, items: [text] };
    open.items.push(text);
    return open;
  }
  if (open?.kind === 'paragraph') {
    open.lines.push(inline(line));
    return open;
  }
  return { kind: 'paragraph', lines: [inline(line)] };
}

/** The pieces of a line. */
export function inline(line: string): Inline[] {
  const pieces: Inline[] = [];
  let end = 0;
  for (const match of line.matchAll(INLINE)) {
    if (match.index > end) pieces.push({ kind: 'text', text: line.slice(end, match.index) });
    pieces.push(piece(match));
    end = match.index + match[0].length;
  }
  if (end < line.length) pieces.push({ kind: 'text', text: line.slice(end) });
  return pieces;
}

function piece([whole, code, strong, emphasis, label, target]: RegExpMatchArray): Inline {
  if (code !== undefined) return { kind: 'code', text: code };
  if (strong !== undefined) return { kind: 'strong', text: strong };
  if (emphasis !== undefined) return { kind: 'emphasis', text: emphasis };
  if (label !== undefined && target !== undefined) return { kind: 'link', text: label, href: target };
  return { kind: 'link', text: whole, href: whole };
}
