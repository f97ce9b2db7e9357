import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkshop } from './workshop.ts';

test('a report says how things are, and holds no secret that the install is known to have', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const config = join(home, 'config.yaml');
  const text = (await readFile(config, 'utf8')).replace(/^secret: .*$/m, 'secret: plain words of a signature');
  await writeFile(config, text);
  await appendFile(join(home, 'logs/pot.log'), 'signed with plain words of a signature\nlogin with password=hunter22\nanswered 200\n');
  await shop.does('upgrade', {});
  await appendFile(join(home, 'logs/pot.log'), 'signed with plain words of a signature\nlogin with password=hunter22\nanswered 200\n');
  const report = (await shop.engine.api.report({})).text;
  for (const title of ['Moult', 'Install', 'Status', 'Plan of the next upgrade', 'Checks', 'Drift', 'History', 'Log']) {
    expect(report).toContain(`## ${title}\n`);
  }
  expect(report).toContain('"release": "1.1.0"');
  expect(report).toContain('not known: nothing-to-do');
  expect(report).toContain('signed with [secret taken out]\nlogin with password=[secret taken out]\nanswered 200');
  expect(report).not.toMatch(/plain words|hunter22/);
  // File names say what a person keeps.
  expect(report).not.toContain('first.md');
});

test('what cannot be had is said to be missing, and the rest is there', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  await writeFile(join(shop.feed, 'releases.json'), 'no feed any more');
  await writeFile(join(home, 'config.yaml'), 'port: [');
  const report = (await shop.engine.api.report({})).text;
  expect(report).toMatch(/## Plan of the next upgrade\n\nnot known: bad-/);
  expect(report).toContain('"product": "pot"');
  expect(report).toMatch(/## History\n\n\[/);
});
