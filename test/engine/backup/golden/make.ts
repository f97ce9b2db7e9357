/**
 * Makes the golden backups of the format that the code writes today, and writes down what they must contain. Run once when a format is new:
 * `npx node test/engine/backup/golden/make.ts`. A golden backup that is there is never made again: that today's reader understands what an
 * earlier Moult wrote is the whole point.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backupFormat } from '../../../../electron/engine/backup/backup-constants.ts';
import { makeBench } from '../../../crash/support/cases.ts';
import { contentOf, treeOf } from '../../../crash/support/audit.ts';
import { modelFor } from '../../../crash/support/workflows.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Of the install in the backups; nothing else is likely to listen there. */
const port = 43_117;

const bench = await makeBench('golden');
const { world, lab, models } = bench;
try {
  await modelFor('one', world, lab, models);
  world.reset('one');
  const config = join(world.home, 'config.json');
  writeFileSync(config, JSON.stringify({ ...(JSON.parse(readFileSync(config, 'utf8')) as object), port }), { mode: 0o600 });
  giveOddThings(join(world.home, 'notes'));
  for (const ending of ['tar.zst', 'tar.gz']) {
    const name = `format-${backupFormat}.${ending}`;
    if (existsSync(join(here, name))) throw new Error(`${name} is there: golden backups are never made again`);
    const output = join(world.live, name);
    const answer = await lab.must({ calls: [{ method: 'backUp', input: { install: 'stub', output } }] });
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    copyFileSync(output, join(here, name));
  }
  const skip = (path: string) => !/^(?:notes|config\.json)/.test(path);
  const expected = { release: '1.0.0', datastore: contentOf(join(world.home, 'data', 'stub.db')), tree: treeOf(world.home, skip) };
  writeFileSync(join(here, `format-${backupFormat}.json`), `${JSON.stringify(expected, null, 2)}\n`);
} finally {
  await bench.close();
}

function giveOddThings(notes: string): void {
  writeFileSync(join(notes, 'empty'), '');
  writeFileSync(join(notes, 'read-only.md'), 'nobody writes here\n', { mode: 0o444 });
  writeFileSync(join(notes, 'program'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(notes, 'n'.repeat(255)), 'the longest name');
  writeFileSync(Buffer.concat([Buffer.from(`${notes}/latin-`), Buffer.from([0xe9, 0xff])]), 'no UTF-8');
  writeFileSync(join(notes, 'sparse'), 'x');
  truncateSync(join(notes, 'sparse'), 3_000_000);
  mkdirSync(join(notes, 'deep', ...Array.from({ length: 60 }, (_, index) => `level-${index}`)), { recursive: true });
  symlinkSync('one.md', join(notes, 'link'));
  symlinkSync('nowhere/at/all', join(notes, 'dangling'));
  writeFileSync(join(notes, 'old.md'), 'of long ago');
  utimesSync(join(notes, 'old.md'), 1, 86_400.5);
}
