/**
 * Takes the README's pictures from the real app on the real sample: `npx node test/support/screens/take-screenshots.ts docs/images`.
 * `--person DIR` names the home folder of the person in the pictures; it must not be there yet, and is gone afterwards.
 */
import { spawn } from 'node:child_process';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { chromiumOptions } from '../chromium-options.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { person: { type: 'string', default: '/home/ann' } } });
const [folder = 'docs/images'] = positionals;
const { person } = values;
const launcher = fileURLToPath(new URL('../../../dist/moult.js', import.meta.url));
const kept = Object.entries(process.env).filter(([name]) => !/^(?:npm_|MOULT_|NODE_OPTIONS$|XDG_)/.test(name));
const environment = { ...Object.fromEntries(kept), HOME: person };

/** Notes of somebody who uses the sample. */
const notes: Record<string, string> = {
  Garden: '# Garden\n\nBeans, two rows. Water on Tuesdays.\n',
  Shopping: '# Shopping\n\n- bread\n- milk\n- lemons\n',
  'Reading list': '# Reading list\n\n- The Left Hand of Darkness\n- A Pattern Language\n',
  Bread: '# Bread\n\n500 g flour, 350 g water, 10 g salt, and a night.\n',
  'Bike repairs': '# Bike repairs\n\nNew chain at 4,200 km.\n',
  Birthdays: '# Birthdays\n\nJune 3: Mika. October 19: Ola.\n',
};

await mkdir(person);
await mkdir(folder, { recursive: true });
try {
  await prepare();
  await takeAll();
} finally {
  // What was interrupted can be stopped only when it is done.
  await moult(['recover', 'journal']).catch(() => undefined);
  for (const name of ['sprig', 'recipes', 'field-notes', 'journal', 'team-wiki']) await moult(['stop', name]).catch(() => undefined);
  await rm(person, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

async function prepare(): Promise<void> {
  await setUp('sprig', '1.0.0', join(person, '.sprig'), 8477);
  await setUp('recipes', '2.0.0', join(person, 'recipes'), 8478);
  await moult(['backup', 'recipes']);
  await moult(['drill', 'recipes']);
  await moult(['schedule', 'recipes', '--every', 'day']);
  await setUp('field-notes', '1.2.0', join(person, 'field-notes'), 8479);
  await appendFile(join(person, 'field-notes', 'config.yaml'), 'colour: green\n');
  await appendFile(join(person, 'field-notes', '.moult', 'current', 'bin', 'sprig.mjs'), '\n// tried something\n');
  await setUp('journal', '1.2.0', join(person, 'journal'), 8480);
  // A power cut in the middle of an upgrade.
  await moult(['upgrade', 'journal', '--yes'], { MOULT_TEST_FAILPOINT: 'migrate:after:kill' }).catch(() => undefined);
  await setUp('team-wiki', '2.0.0', join(person, 'team-wiki'), 8481);
  await moult(['backup', 'team-wiki']);
  await moult(['stop', 'team-wiki']);
}

async function setUp(name: string, release: string, home: string, port: number): Promise<void> {
  await moult(['set-up', 'sprig', '--name', name, '--release', release, '--home', home, '--port', String(port)]);
  for (const [title, text] of Object.entries(notes)) await writeFile(join(home, 'notes', `${title}.md`), text);
  await moult(['restart', name]);
}

async function takeAll(): Promise<void> {
  const server = spawn(process.execPath, [launcher, 'serve', '--port', '0', '--json'], {
    env: environment,
    cwd: person,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await chromium.launch(await chromiumOptions());
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(120_000);
    await page.goto(await addressOf(server.stdout));
    for (const next of ['Look at', 'Upgrade to', 'Finish what', 'Start', 'Nothing needs']) await page.getByText(next).first().waitFor();
    await take(page, 'home');
    await page.getByRole('link', { name: 'field-notes', exact: true }).click();
    await page.getByRole('tab', { name: 'Drift' }).click();
    await page.getByText('colour').first().waitFor();
    await take(page, 'drift');
    await page.getByRole('link', { name: 'Home' }).click();
    await page.locator('.install-card', { hasText: '1.0.0' }).getByRole('link', { name: 'Upgrade to 2.0.0' }).click();
    await page.getByRole('region', { name: 'Changes' }).waitFor();
    await take(page, 'upgrade');
    await page.getByRole('button', { name: /^Upgrade to 2\.0\.0/ }).click();
    await page.getByRole('heading', { name: 'sprig is upgraded from 1.0.0 to 2.0.0.' }).waitFor();
    await take(page, 'receipt');
  } finally {
    await browser.close();
    const ended = new Promise((resolve) => server.once('close', resolve));
    server.kill('SIGTERM');
    await ended;
  }
}

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.waitForTimeout(1500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

async function addressOf(lines: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: lines })) {
    const value = JSON.parse(line) as { event?: string; address?: string };
    if (value.event === 'serving' && value.address !== undefined) return value.address;
  }
  throw new Error('moult serve ended without an address');
}

function moult(typed: readonly string[], more: Record<string, string> = {}): Promise<void> {
  const child = spawn(process.execPath, [launcher, ...typed, '--json'], {
    env: { ...environment, ...more },
    cwd: person,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (last = (last + text).slice(-2000)));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`moult ${typed.join(' ')} ended with ${code}: ${last}`))));
  });
}
