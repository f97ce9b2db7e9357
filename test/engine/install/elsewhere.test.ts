import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { findDatastores } from '../../../electron/engine/install/elsewhere.ts';
import type { ResolvedItem } from '../../../electron/engine/install/items.ts';
import { datastoresCheck } from '../../../electron/engine/preflight/datastores.ts';
import type { PreflightFacts } from '../../../electron/engine/preflight/facts.ts';
import type { Descriptor } from '../../../electron/engine/product/schema.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const path = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = path;
});

describe('further datastores of one install', () => {
  test('are folders in its home and volumes of Docker under its own name', async () => {
    const home = await homeWith('pgdata', 'managed-postgres/data');
    const older = volumeOf(join(home, '..', '.thing'));
    await docker(`#!/bin/sh\necho ${volumeOf(home)}\necho somebody-elses\necho ${older}\n`);
    const found = await find(home, ['pgdata']);
    expect(found).toEqual({
      live: join(home, 'pgdata'),
      others: [join(home, 'managed-postgres/data'), `the Docker volume ${volumeOf(home)}`, `the Docker volume ${older}`],
    });
    expect(look(found)).toMatchObject({ status: 'warn', message: expect.stringContaining('a second datastore') as string });
  });

  test('are none where Docker is missing, fails or hangs', async () => {
    const home = await homeWith('pgdata');
    const none = { live: join(home, 'pgdata'), others: [] };
    process.env['PATH'] = '/nowhere';
    expect(await find(home, ['pgdata'])).toEqual(none);
    await docker('#!/bin/sh\necho "Cannot connect to the Docker daemon" >&2\nexit 1\n');
    expect(await find(home, ['pgdata'])).toEqual(none);
    expect(look(none)).toMatchObject({ status: 'pass' });
  });

  test('are refused where the datastore itself is not there', async () => {
    const home = await homeWith();
    await docker(`#!/bin/sh\necho ${volumeOf(home)}\n`);
    const found = await find(home, []);
    expect(found).toEqual({ live: null, others: [`the Docker volume ${volumeOf(home)}`] });
    expect(look(found)).toMatchObject({ status: 'fail', code: 'unsupported' });
  });

  test('may be out of sight: the product left its compose file, there is no datastore, and Docker is silent', async () => {
    const home = await homeWith();
    await docker('#!/bin/sh\n[ "$1" = --version ] && echo Docker version 1 && exit 0\nexit 1\n');
    expect(await find(home, [])).toEqual({ live: null, others: [] });
    await writeFile(join(home, 'docker-compose.yaml'), '');
    expect(look(await find(home, []))).toMatchObject({
      status: 'fail',
      code: 'unsupported',
      message: expect.stringContaining('Docker does not answer') as string,
    });
    process.env['PATH'] = '/nowhere';
    expect(await find(home, [])).toEqual({ live: null, others: [] });
  });

  test('are not asked for again and again where Docker hangs', async () => {
    const home = await homeWith('pgdata');
    const none = { live: join(home, 'pgdata'), others: [] };
    await docker(`#!/bin/sh\necho ${volumeOf(home)}\nexec /bin/sleep 60\n`);
    const from = performance.now();
    expect(await find(home, ['pgdata'])).toEqual(none);
    expect(await find(home, ['pgdata'])).toEqual(none);
    expect(await find(home, ['pgdata'])).toEqual(none);
    expect(performance.now() - from).toBeLessThan(9000);
  }, 15_000);
});

function find(home: string, there: readonly string[]) {
  const descriptor = {
    home: { names: ['.thing', '.widget'] },
    composeFile: 'docker-compose.yaml',
    elsewhere: [{ path: 'pgdata' }, { path: 'managed-postgres/data' }, { dockerVolume: 'thing-{home-hash}_pgdata' }],
    datastores: [{ item: 'datastore' }],
  } as unknown as Descriptor;
  const paths = there.length === 0 ? [join(home, 'pgdata')] : there.map((name) => join(home, name));
  const item = { item: { id: 'datastore' }, paths, exists: there.length > 0 } as unknown as ResolvedItem;
  return findDatastores(descriptor, home, [item]);
}

function volumeOf(home: string): string {
  return `thing-${createHash('sha256').update(home).digest('hex').slice(0, 12)}_pgdata`;
}

function look(datastores: Awaited<ReturnType<typeof find>>) {
  return datastoresCheck.look({ datastores, title: 'Thing' } as unknown as PreflightFacts);
}

async function homeWith(...folders: string[]): Promise<string> {
  const home = await temporaryFolder('home');
  for (const folder of folders) await mkdir(join(home, folder), { recursive: true });
  return home;
}

/** A `docker` of our own on PATH. */
async function docker(script: string): Promise<void> {
  const folder = await temporaryFolder('docker');
  await writeFile(join(folder, 'docker'), script);
  await chmod(join(folder, 'docker'), 0o755);
  process.env['PATH'] = `${folder}:/usr/bin:/bin`;
}
