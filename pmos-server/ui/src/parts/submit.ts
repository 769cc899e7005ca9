import type { UseFormReturnType } from '@mantine/form';
import { type FormEvent, useState } from 'react';
import { type Problem, problemOf } from '@/api/problem';

/** Sends a form; what the server says about a field goes to the field, the rest stays as one problem. */
export function useSubmit<V extends Record<string, unknown>>(form: UseFormReturnType<V>, send: (values: V) => Promise<unknown>) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const onSubmit = form.onSubmit(async (values) => {
    setBusy(true);
    setProblem(null);
    try {
      await send(values);
    } catch (error) {
      const thrown = problemOf(error);
      const known = Object.entries(thrown.fields).filter(([field]) => field in values);
      for (const [field, message] of known) form.setFieldError(field, message);
      if (known.length === 0) setProblem(thrown);
    } finally {
      setBusy(false);
    }
  });
  return { onSubmit, problem, busy };
}

/** Sends a form that stands over another one: the event of a dialog also reaches what the dialog was opened from. */
export const alone = (onSubmit: (event: FormEvent<HTMLFormElement>) => unknown) => (event: FormEvent<HTMLFormElement>) => {
  event.stopPropagation();
  return onSubmit(event);
};
