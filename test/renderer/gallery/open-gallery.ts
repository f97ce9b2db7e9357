/** The gallery, built once and served from a temporary folder: every screen in every state, in a real Chromium, at `?scene=…`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build, preview } from 'vite';
import { scenes } from './scenes.ts';

const here = fileURLToPath(new URL('.', import.meta.url));

export interface Gallery {
  /** Opens a scene as it stands once everything that it presses is pressed. */
  show(page: Page, name: string): Promise<void>;
  close(): Promise<void>;
}

export async function openGallery(): Promise<Gallery> {
  const outDir = await mkdtemp(join(tmpdir(), 'moult-gallery-'));
  const common = { root: here, configFile: join(here, 'vite.config.ts'), logLevel: 'error' } as const;
  await build({ ...common, build: { outDir, emptyOutDir: true, target: 'es2024', minify: false } });
  const server = await preview({ ...common, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  const address = server.resolvedUrls?.local[0];
  if (address === undefined) throw new Error('the gallery has no address');
  return {
    show: async (page, name) => {
      // Between two scenes nothing may stay of the first.
      await page.goto('about:blank');
      await page.goto(`${address}?scene=${name}`);
      await page.waitForSelector('h1');
      for (const text of scenes[name]?.press ?? []) await page.getByRole('button', { name: text }).first().click();
      await settled(page);
    },
    close: async () => {
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}

/** Waits until nothing has been drawn for a moment: what a scene shows comes from promises that are kept at once. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const quiet = 120;
        let timer = setTimeout(done, quiet);
        const observer = new MutationObserver(() => {
          clearTimeout(timer);
          timer = setTimeout(done, quiet);
        });
        function done(): void {
          observer.disconnect();
          resolve();
        }
        observer.observe(document, { childList: true, subtree: true, attributes: true });
      }),
  );
}
