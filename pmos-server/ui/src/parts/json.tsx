import { Skeleton } from '@mantine/core';
import { lazy, type Ref, Suspense } from 'react';

const Editor = lazy(() => import('./json-editor'));

/** What the component around it can do with an open editor. */
export interface CodeHandle {
  /** Puts in at the cursor what is made of the text before it. */
  insert: (make: (before: string) => string) => void;
}

interface Props {
  handle?: Ref<CodeHandle>;
  label: string;
  text: string;
  onChange?: (text: string) => void;
  language?: 'json' | 'text';
  invalid?: boolean;
  describedBy?: string;
  minHeight?: number;
}

/** Text with line numbers and folding; read-only without `onChange`. Loaded when first shown. */
export function CodeText({ minHeight = 80, ...props }: Props) {
  return (
    <Suspense fallback={<Skeleton height={minHeight} radius="md" />}>
      <Editor minHeight={minHeight} {...props} />
    </Suspense>
  );
}

/** Any value, laid out for reading. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return <CodeText label={label} text={text} language={typeof value === 'string' ? 'text' : 'json'} />;
}
