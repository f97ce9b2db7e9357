import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The gallery draws the screens from their sources, which stand two folders up. */
export default defineConfig({
  plugins: [react()],
  server: { host: '127.0.0.1', fs: { allow: ['../../..'] } },
  cacheDir: '../../../node_modules/.vite-gallery',
});
