import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { beginBackup, firstPass, restoreTo, seal } from '../../support/postgres-backup.ts';
import {
  debian,
  embedded,
  folderForUser,
  lacksDebian,
  lacksEmbedded,
  makeCluster,
  startPostgresWriter,
  type Binaries,
} from '../../support/postgres.ts';

const kinds: [string, Binaries, boolean, number][] = [
  ['PostgreSQL 18 from npm', embedded, await lacksEmbedded, 100_000],
  ['PostgreSQL 15 of Debian', debian, await lacksDebian, 5000],
];

describe.each(kinds)('a hot backup of %s', (_, binaries, isMissing, rows) => {
  test.skipIf(isMissing)('holds every row that was committed before its end, while writes go on', { timeout: 180_000 }, async () => {
    const folder = await folderForUser();
    const cluster = await makeCluster(binaries, { parent: folder, initdb: ['--data-checksums'] });
    await cluster.start();
    await cluster.query(`CREATE TABLE bulk AS SELECT g AS id, repeat(md5(g::text), 60) AS body FROM generate_series(1, ${rows}) g`);
    // 200 MB at 100,000 rows.
    expect(await sizeOf(join(cluster.folder, 'base'))).toBeGreaterThan(rows * 2000);
    const writer = await startPostgresWriter(cluster.folder);
    const pass = await beginBackup(cluster.store, folder);
    expect([pass.capture.finishing, pass.capture.notes]).toEqual(['changes', []]);
    let beforeTheEnd = 0;
    await firstPass(pass, cluster.store, () => (beforeTheEnd = writer.committed()));
    const backup = await seal(pass);
    expect(await writer.stop()).toBeGreaterThan(beforeTheEnd);
    // Nothing is left in the cluster.
    expect(await cluster.query('SELECT count(*)::int AS slots FROM pg_replication_slots')).toEqual([{ slots: 0 }]);
    expect(await cluster.query("SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = 'moult'")).toEqual([
      { sessions: 0 },
    ]);
    await cluster.stop();

    const { restored, problems } = await restoreTo(backup, cluster, folder, 'restored');
    expect(problems).toEqual([]);
    await restored.start();
    const bulk = await restored.query('SELECT count(*)::int AS n, sum(length(body))::text AS bytes FROM bulk');
    expect(bulk).toEqual([{ n: rows, bytes: String(rows * 60 * 32) }]);
    const [written] = await restored.query('SELECT count(*)::int AS n, max(id)::int AS last FROM written');
    expect(beforeTheEnd).toBeGreaterThan(0);
    expect(Number(written?.['last'])).toBeGreaterThanOrEqual(beforeTheEnd);
    expect(written?.['n']).toEqual(written?.['last']);
    await restored.stop();
  });
});

async function sizeOf(folder: string): Promise<number> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(entries.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
