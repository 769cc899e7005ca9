import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  // The server puts a fresh nonce in place of this text, in the page and in its header alike.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    target: 'es2023',
    // A small font or image would become a `data:` address, which the policy of the page refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8420', '/hooks': 'http://127.0.0.1:8420' } },
});
