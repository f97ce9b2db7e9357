/**
 * Takes a picture of every scene: `node test/renderer/gallery/take-pictures.ts <folder> [scene …]`, at 900×600 and 1280×800, light and
 * dark. Says what the console complained about and what axe found, and fails when there was anything.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { createServer } from 'vite';
import type { Scene } from './scenes.ts';

const [folder = 'pictures', ...wanted] = process.argv.slice(2);
const here = fileURLToPath(new URL('.', import.meta.url));
const axeSource = await readFile(fileURLToPath(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');
const sizes = [
  { width: 900, height: 600 },
  { width: 1280, height: 800 },
  // 900×600 at a zoom of 200 %.
  { width: 450, height: 300 },
];
await mkdir(folder, { recursive: true });

const server = await createServer({
  root: here,
  configFile: join(here, 'vite.config.ts'),
  server: { port: 0, hmr: false, watch: null },
  logLevel: 'error',
});
await server.listen();
const address = server.resolvedUrls?.local[0];
if (address === undefined) throw new Error('the gallery has no address');
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
let complaints = 0;
try {
  const { scenes } = (await server.ssrLoadModule('/scenes.ts')) as { scenes: Record<string, Scene> };
  const names = wanted.length > 0 ? wanted : Object.keys(scenes);
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complain(page, message.text());
    });
    page.on('pageerror', (error) => complain(page, error.message));
    for (const name of names) await takeScene(page, name, scenes[name]?.press ?? [], colorScheme);
    await context.close();
  }
} finally {
  await browser.close();
  await server.close();
}
process.exitCode = complaints === 0 ? 0 : 1;

async function takeScene(page: Page, name: string, press: readonly string[], scheme: string): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size);
    await page.goto('about:blank');
    await page.goto(`${address}?scene=${name}`);
    await page.waitForSelector('h1', { timeout: 5000 }).catch(() => complain(page, `${name} has no title`));
    await page.waitForTimeout(150);
    for (const text of press) {
      await page.getByRole('button', { name: text }).first().click();
      await page.waitForTimeout(100);
    }
    const file = join(folder, `${name}-${size.width}-${scheme}.png`);
    // The first height a person sees, and the whole page behind it.
    await page.screenshot({ path: file, fullPage: process.env['WHOLE'] === '1' });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) complain(page, `${name} at ${size.width} is ${wide} pixels too wide`);
  }
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const axe = (
      globalThis as unknown as {
        axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> };
      }
    ).axe;
    return (await axe.run()).violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map((node) => `${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`)
          .slice(0, 3)
          .join('\n    ')}`,
    );
  });
  for (const violation of found) complain(page, `${name} ${scheme}: ${violation}`);
}

function complain(page: Page, text: string): void {
  complaints += 1;
  console.log(`${page.url().split('scene=')[1] ?? ''}: ${text}`);
}
