/**
 * `vite build renderer` makes `dist/renderer/`: files only, with relative addresses, so that the same build is served over HTTP and from
 * the desktop app's own scheme. No inline script or style: the page lives under `default-src 'none'; script-src 'self'; style-src 'self'`.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // Electron 45 and today's browsers.
    target: 'es2024',
    // A `data:` address would need a hole in the Content Security Policy.
    assetsInlineLimit: 0,
    // The polyfill is an inline script in spirit; every browser of the target preloads modules itself.
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
});
