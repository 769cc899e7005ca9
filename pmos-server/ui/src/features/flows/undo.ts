import { useHotkeys } from '@mantine/hooks';
import { m } from '@/messages/en';
import { toastDone, toastUndo } from '@/parts/problem';
import type { Editor } from './editor';

// Refusals are told by the editor itself.
const quietly = (act: Promise<unknown>, said: string) => act.then(() => toastDone(said)).catch(() => undefined);

/** Ctrl+Z and Shift+Ctrl+Z, except where a person writes: there they are about the text. */
export function useUndoKeys(editor: Editor) {
  useHotkeys([
    ['mod+Z', () => editor.canUndo && void quietly(editor.undo(), m.history.undone)],
    ['mod+shift+Z', () => editor.canRedo && void quietly(editor.redo(), m.history.redone)],
  ]);
}

/** Says that a step is gone with this revision, and offers the way back. */
export function offerUndo(editor: Editor, name: string, revision: string, back: () => void) {
  toastUndo(m.editor.removed(name), () => editor.undo(revision).then(back, () => undefined));
}
