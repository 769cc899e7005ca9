import { useSyncExternalStore } from 'react';
import { prompts } from '@/api/prompts';
import { SignInDialog } from '@/features/identity/sign-in-dialog';
import { StepUpDialog } from '@/features/identity/step-up-dialog';

/** What refused requests ask of the person, over whatever page is open. */
export function PromptDialogs() {
  const asked = useSyncExternalStore(prompts.subscribe, prompts.current);
  if (!asked) return null;
  return asked.question === 'sign_in' ? <SignInDialog onDone={asked.answer} /> : <StepUpDialog onDone={asked.answer} />;
}
