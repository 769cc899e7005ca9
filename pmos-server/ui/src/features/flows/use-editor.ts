import { useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Flow } from '@/api/contract';
import { keys } from '@/api/keys';
import { toastProblem } from '@/parts/problem';
import { Editor } from './editor';

/** The editor of this flow; follows what is read anew and stores what is typed before the page is left. */
export function useEditor(workspace: string, flow: Flow) {
  const cache = useQueryClient();
  const [editor] = useState(
    () =>
      new Editor(
        workspace,
        flow,
        (saved) => {
          cache.setQueryData(keys.of(workspace, 'flow', saved.id), saved);
          void cache.invalidateQueries({ queryKey: keys.noun(workspace, 'flows') });
        },
        toastProblem,
      ),
  );
  useEffect(() => editor.adopt(flow), [editor, flow]);
  const leaving = useBlocker({
    // Leaving inside the application waits for the last edits; what cannot be saved is asked about.
    shouldBlockFn: async ({ current, next }) => {
      if (current.pathname === next.pathname) return false;
      if (editor.dirty) await editor.flush().catch(() => undefined);
      const { notSaved, conflict } = editor.snapshot();
      return notSaved.length > 0 || conflict !== null;
    },
    enableBeforeUnload: () => editor.dirty || editor.snapshot().notSaved.length > 0,
    withResolver: true,
  });
  return [useSyncExternalStore(editor.subscribe, editor.snapshot), editor, leaving] as const;
}
