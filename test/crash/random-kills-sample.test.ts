/** The same with the sample that comes with Moult: a real server with a ledger of migrations, a login and a runtime. `MOULT_SEED` makes a run again. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changeSqlite } from '../support/sqlite-content.ts';
import { compare, killServices } from './support/audit.ts';
import { amount } from './support/modes.ts';
import { randomKills } from './support/random-kills.ts';
import { makeSprigWorld } from './support/sprig-world.ts';
import { sprigWorkflows } from './support/sprig-workflows.ts';
import { runCases, useBenches } from './support/suite.ts';
import { like, modelFor } from './support/workflows.ts';

const benches = useBenches('sample', makeSprigWorld);
const count = amount(2, 30, 300, 3000);
/** A taste has no time for the states of all. */
const chosen = sprigWorkflows.slice(0, count);

test('the sample, killed at random', { timeout: 10 * 3600_000 }, async () => {
  const cases = await randomKills(benches[0], chosen, { count, within: 2000 });
  const verdicts = await runCases('random kills of the sample', benches, cases);
  const killed = verdicts.filter((verdict) => verdict.end.kind === 'killed');
  expect(killed.length).toBeGreaterThan(count / 3);
  // Kills that always leave the same end would test nothing; a taste is too small to have both.
  if (count >= 30) expect(new Set(killed.map(({ came }) => came))).toEqual(new Set(['old', 'new']));
});

test('what is in between is noticed', { timeout: 300_000 }, async () => {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  const { world, lab, models } = bench;
  const model = await modelFor('one', world, lab, models);
  for (const [tamper, told] of tamperings) {
    world.reset('one');
    expect(await compare(world, like(model, { running: false }))).toEqual([]);
    tamper(world.home);
    expect((await compare(world, like(model, { running: false }))).join('; ')).toMatch(told);
  }
  world.reset('one');
  changeFile(join(world.home, 'config.yaml'), /^jwt_secret: .*$/m, `jwt_secret: ${'ab'.repeat(32)}`);
  changeFile(join(world.home, '.moult', 'slots', '1.0.0', 'release.json'), /"build": "[^"]+"/, '"build": "another"');
  try {
    await lab.must({ calls: [{ method: 'start', input: { install: 'sprig' } }] });
    const ill = (await compare(world, like(model, { running: true }))).join('; ');
    expect(ill).toMatch(/the running product says .*"build":"another"/);
    expect(ill).toMatch(/a session from before is answered with/);
  } finally {
    await killServices(world);
  }
});

const inDatastore = (sql: string) => (home: string) => changeSqlite(join(home, 'data', 'sprig.db'), sql);
const tamperings: [(home: string) => void, RegExp][] = [
  [(home) => changeFile(join(home, 'notes', 'one.md'), /By/, 'by'), /^notes\/one\.md was /],
  [(home) => changeFile(join(home, 'config.yaml'), /password_hash: .{10}/, 'password_hash: scrypt$xxx'), /^config\.yaml was /],
  [inDatastore('DELETE FROM sign_ins'), /^the datastore holds /],
  [inDatastore("UPDATE notes SET tags = '' WHERE name = 'one'"), /^the datastore holds /],
  [inDatastore('UPDATE schema_migrations SET applied_at = NULL WHERE version = 2'), /^the datastore has schema [^]*unfinished/],
  [inDatastore("INSERT INTO schema_migrations VALUES (3, 'revisions', 'ab', 'now')"), /^the datastore has schema /],
];

function changeFile(path: string, from: RegExp, to: string): void {
  const text = readFileSync(path, 'utf8');
  expect(text).toMatch(from);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}
