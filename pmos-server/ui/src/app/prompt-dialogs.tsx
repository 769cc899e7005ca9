import { lazy, Suspense, useSyncExternalStore } from 'react';
import { prompts } from '@/api/prompts';

const SignInDialog = lazy(() => import('@/features/identity/sign-in-dialog'));
const StepUpDialog = lazy(() => import('@/features/identity/step-up-dialog'));

/** What refused requests ask of the person, over whatever page is open. */
export function PromptDialogs() {
  const asked = useSyncExternalStore(prompts.subscribe, prompts.current);
  if (!asked) return null;
  const Dialog = asked.question === 'sign_in' ? SignInDialog : StepUpDialog;
  return (
    <Suspense fallback={null}>
      <Dialog onDone={asked.answer} />
    </Suspense>
  );
}
