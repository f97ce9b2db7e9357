/**
 * A release that brings another major version of PostgreSQL: the datastore is brought over in the upgrade, by a dump, and goes back with a roll
 * back; a backup from before is brought over when it is restored; where it cannot be, the old release runs on as before.
 */
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backup, Plan, Status } from '../../electron/api/models.ts';
import { writeFeed } from '../engine/workflow/workshop.ts';
import { makeWorld } from '../support/moult.ts';
import { debian, embedded, giveToUser, lacksDebian, lacksEmbedded, query, runAsUser } from '../support/postgres.ts';
import { freePort } from '../support/sprig.ts';

const isLacking = (await lacksDebian) || (await lacksEmbedded);
const potFile = fileURLToPath(new URL('../engine/workflow/pot/pot.yaml', import.meta.url));

describe.skipIf(isLacking)('another major version of PostgreSQL', async () => {
  const world = await makeWorld(afterAll, { unprivileged: true });
  const home = world.home('pot');
  const pgdata = join(home, 'pgdata');
  const rows = async () => (await query(pgdata, 'SELECT count(*)::text AS n, max(body) AS last FROM notes'))[0];
  const status = async () => (await world.must(['status', 'pot'])).result as Status;
  const major = async () => (await readFile(join(pgdata, 'PG_VERSION'), 'utf8')).trim();
  let backup: Backup;

  beforeAll(async () => {
    const feed = join(world.folder, 'feed');
    for (const [release, bin] of [
      ['1.0.0', debian.bin],
      ['2.0.0', embedded.bin],
      ['3.0.0', embedded.bin],
    ] as const) {
      await mkdir(join(world.folder, 'pg'), { recursive: true });
      await symlink(bin, join(world.folder, 'pg', release));
    }
    await writeFeed(feed, [{ version: '1.0.0' }, { version: '2.0.0' }]);
    await chmod(world.folder, 0o755);
    const products = join(world.folder, 'products');
    await mkdir(products);
    const text = (await readFile(potFile, 'utf8'))
      .replace('path: FEED', `path: ${feed}`)
      .replace(
        'items:\n',
        'items:\n  - id: pg\n    title: Database\n    what: Rows.\n    at: [{ path: pgdata }]\n    fate: { upgrade: migrate, uninstall: keep, purge: remove }\n',
      )
      .replace(
        'datastores:\n',
        `datastores:\n  - { driver: postgres, item: pg, binaries: ['${world.folder}/pg/{release}'], database: app, role: app, socket: '{item:pg}', run: moult }\n`,
      );
    await writeFile(join(products, 'pot.yaml'), text);
    await world.must(['products', '--from', products]);
    await world.must(['set-up', 'pot', '--home', home, '--release', '1.0.0', '--port', String(await freePort())]);
    await world.must(['stop', 'pot']);
    await runAsUser(debian, 'initdb', ['-D', pgdata, '-U', 'app', '-A', 'trust', '--no-sync', '--encoding=UTF8', '--locale=C']);
    await giveToUser(pgdata);
    await world.must(['start', 'pot']);
    await query(pgdata, 'CREATE DATABASE app', 'postgres');
    await query(
      pgdata,
      "CREATE TABLE notes (id serial PRIMARY KEY, body text); INSERT INTO notes (body) SELECT 'note ' || lpad(n::text, 5, '0') FROM generate_series(1, 5000) n",
    );
  });

  test('the plan says that it is brought over', async () => {
    const plan = (await world.must(['plan', 'pot'])).result as Plan;
    expect(plan.steps.map((step) => step.title)).toContain('Bring the datastore over, if 2.0.0 has another version of its server');
    expect(plan.checks.filter((check) => check.status === 'fail')).toEqual([]);
  });

  test('the upgrade brings it over, the roll back brings the old one back', async () => {
    backup = (await world.must(['backup', 'pot'])).result as Backup;
    const before = await rows();
    await world.must(['upgrade', 'pot', '--to', '2.0.0', '--yes']);
    expect(await status()).toMatchObject({ release: '2.0.0', health: 'healthy' });
    expect(await major()).toBe('18');
    expect(await rows()).toEqual(before);
    await query(pgdata, "INSERT INTO notes (body) VALUES ('zz in 18')");
    await world.must(['rollback', 'pot', '--yes']);
    expect(await status()).toMatchObject({ release: '1.0.0', health: 'healthy' });
    expect(await major()).toBe('15');
    expect(await rows()).toEqual(before);
    await world.must(['undo', 'pot', '--yes']);
    expect([await major(), (await rows())?.['last']]).toEqual(['18', 'zz in 18']);
  });

  test('a backup of the old version is brought over when it is restored', async () => {
    await world.must(['restore', 'pot', '--input', backup.id, '--yes']);
    expect(await status()).toMatchObject({ release: '2.0.0', health: 'healthy' });
    expect(await major()).toBe('18');
    expect(await rows()).toEqual({ n: '5000', last: 'note 05000' });
  });

  test('where it cannot be brought over the old release runs on with its data, and nothing is left beside it', async () => {
    await world.must(['rollback', 'pot', '--yes']);
    await query(pgdata, 'CREATE ROLE reporter');
    const run = await world.must(['upgrade', 'pot', '--to', '2.0.0', '--yes'], 5);
    expect(run.error).toMatchObject({ code: 'rolled-back', message: expect.stringContaining('reporter') as string });
    expect(await status()).toMatchObject({ release: '1.0.0', health: 'healthy' });
    expect([await major(), await rows()]).toEqual(['15', { n: '5000', last: 'note 05000' }]);
    expect((await readdir(home)).filter((name) => name.startsWith('.moult-'))).toEqual([]);
  });
});
