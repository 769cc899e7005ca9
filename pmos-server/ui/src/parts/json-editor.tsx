import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, codeFolding, foldGutter, foldKeymap, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import type { CodeHandle } from './json';
import { nonce } from './nonce';

const look = EditorView.theme({
  '&': { fontSize: '12px', color: 'var(--pm-text)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '18px' },
  '.cm-gutters': { backgroundColor: 'transparent', border: 'none', color: 'var(--pm-text-3)' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--pm-text)' },
  '.cm-cursor': { borderLeftColor: 'var(--pm-text)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'var(--pm-accent-soft) !important' },
  '.cm-matchingBracket': { backgroundColor: 'var(--pm-accent-soft)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--pm-sunken)', border: 'none', color: 'var(--pm-text-2)', padding: '0 6px' },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--pm-accent)' },
  { tag: tags.string, color: 'var(--pm-ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--pm-warn)' },
]);

interface Props {
  handle?: Ref<CodeHandle>;
  label: string;
  text: string;
  onChange?: (text: string) => void;
  language?: 'json' | 'text';
  invalid?: boolean;
  describedBy?: string;
  minHeight: number;
}

export default function JsonEditor({ handle, label, text, onChange, language = 'json', invalid, describedBy, minHeight }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const naming = useRef(new Compartment());
  const change = useRef(onChange);
  change.current = onChange;
  const editable = onChange !== undefined;

  useImperativeHandle(handle, () => ({
    insert: (make) => {
      const shown = view.current;
      if (!shown) return;
      const { from } = shown.state.selection.main;
      shown.dispatch(shown.state.replaceSelection(make(shown.state.sliceDoc(0, from))));
      shown.focus();
    },
  }));

  const names = EditorView.contentAttributes.of({
    'aria-label': label,
    'aria-readonly': String(!editable),
    ...(invalid ? { 'aria-invalid': 'true' } : {}),
    ...(describedBy ? { 'aria-describedby': describedBy } : {}),
    tabindex: '0',
  });

  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          EditorView.cspNonce.of(nonce),
          look,
          syntaxHighlighting(colours),
          lineNumbers(),
          codeFolding(),
          foldGutter(),
          bracketMatching(),
          history(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap]),
          EditorView.lineWrapping,
          EditorState.readOnly.of(!editable),
          EditorView.editable.of(editable),
          naming.current.of(names),
          ...(language === 'json' ? [json()] : []),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) change.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    // It measures its lines at once, while a dialog around it may still be growing.
    const settled = setTimeout(() => made.requestMeasure(), 250);
    return () => {
      clearTimeout(settled);
      made.destroy();
    };
  }, [editable, language]);

  useEffect(() => {
    const shown = view.current;
    if (!shown || shown.state.doc.toString() === text) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    view.current?.dispatch({ effects: naming.current.reconfigure(names) });
  }, [label, invalid, describedBy, editable]);

  return (
    <div
      ref={host}
      style={{
        minHeight,
        maxHeight: 480,
        overflow: 'auto',
        border: `1px solid var(${invalid ? '--pm-bad' : editable ? '--pm-line-strong' : '--pm-line'})`,
        borderRadius: 'var(--pm-radius-control)',
        background: 'var(--pm-surface)',
      }}
    />
  );
}
