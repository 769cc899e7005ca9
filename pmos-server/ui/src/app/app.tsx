import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { lazy, Suspense } from 'react';
import { nonce } from '@/parts/nonce';
import { theme } from '@/theme/theme';
import { cache } from './cache';
import { Offline } from './offline';
import { PromptDialogs } from './prompt-dialogs';
import { router } from './router';

// Toasts wait in their store until this is there.
const Toasts = lazy(() => import('./toasts'));

// The scroll lock behind dialogs writes a style of its own and asks here for the right to do so.
setNonce(nonce);

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={cache}>
        <Suspense fallback={null}>
          <Toasts />
        </Suspense>
        <Offline />
        <RouterProvider router={router} />
        <PromptDialogs />
      </QueryClientProvider>
    </MantineProvider>
  );
}
