import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { nonce } from '@/parts/nonce';
import { theme } from '@/theme/theme';
import { cache } from './cache';
import { Offline } from './offline';
import { PromptDialogs } from './prompt-dialogs';
import { router } from './router';

// The scroll lock behind dialogs writes a style of its own and asks here for the right to do so.
setNonce(nonce);

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={cache}>
        <Notifications position="bottom-right" limit={4} />
        <Offline />
        <RouterProvider router={router} />
        <PromptDialogs />
      </QueryClientProvider>
    </MantineProvider>
  );
}
