/**
 * Bad releases, each way to be bad × each way in which a release comes onto the machine, the latter read from the schema of descriptors: a new
 * payload driver without its zoo is a failure. All must end old and healthy, the person's bytes as they were, and nothing left running.
 * (`test/e2e/zoo.test.ts` has the sample's zoo through the built command, `test/e2e/leoflow*.test.ts` bad releases on PostgreSQL.)
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { payloadSchema } from '../../electron/engine/product/release-schema.ts';
import { makeWorkshop, modes, potServer, rowsOf, type PotRelease, type Workshop } from '../engine/workflow/workshop.ts';
import { leftProcesses } from '../support/left-processes.ts';
import { smallServer } from '../support/small-server.ts';
import { tarball } from '../support/tarballs.ts';
import { treeState } from '../support/tree-state.ts';
import { some, tellCases } from './support/modes.ts';

/** How a Pot comes by each driver: a change of its descriptor, and a feed that offers releases. */
const drivers: Record<string, (shop: Workshop) => Promise<(...releases: PotRelease[]) => Promise<void>>> = {
  archive: async (shop) => {
    await shop.describe(impatient);
    return shop.offer;
  },
  files: async (shop) => {
    const copying = 'payload: { driver: files, strip: 1, copies: [{ from: tools, to: tools }] }';
    await shop.describe((text) => impatient(text).replace(/^payload: .*$/m, copying));
    return async (...releases) =>
      shop.offer(...releases.map((release) => ({ ...release, files: { 'tools/version': release.version, 'tools/same': 'the same' } })));
  },
  npm: async (shop) => {
    const registry = await makeRegistry();
    await shop.describe((text) =>
      impatient(text)
        .replaceAll('{slot}/', '{slot}/node_modules/pot/')
        .replace(/^payload: .*$/m, 'payload: { driver: npm, package: pot }')
        .replace(/^feed: .*$/m, `feed: { driver: npm, package: pot, registry: '${registry.url}' }`),
    );
    return registry.offer;
  },
};

const bad = modes.filter((mode) => mode !== 'well' && mode !== 'no-init');
const all = Object.keys(drivers).flatMap((driver) => bad.map((mode) => [driver, mode] as const));

test('every payload driver has its zoo', () => {
  expect(Object.keys(drivers).sort()).toEqual(payloadSchema.options.map((option) => option.shape.driver.value).sort());
});

test.each(some(all, 1, Infinity, Infinity))('by %s, a release that is %s', { timeout: 10 * 60_000 }, async (driver, mode) => {
  const shop = await makeWorkshop();
  const offer = await drivers[driver]?.(shop);
  if (offer === undefined) throw new Error(`no zoo for ${driver}`);
  await offer({ version: '1.0.0' });
  const home = await shop.setUp();
  const before = await persons(home);
  await offer({ version: '1.0.0' }, { version: '1.2.0', schema: 2, mode });
  const failure = await shop.fails('upgrade', { to: '1.2.0' });
  expect(failure, failure.message).toMatchObject({ code: 'rolled-back', details: { endState: 'old-and-healthy' } });
  // Whoever could start the bad one again had time to.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await persons(home)).toEqual(before);
  const status = await shop.engine.api.status({});
  expect(status).toMatchObject({ release: '1.0.0', health: 'healthy', interrupted: null, update: { quarantined: [{ release: '1.2.0' }] } });
  const running = leftProcesses('POT_WORKSHOP', shop.folder).map(({ command }) => command);
  expect(running.filter((command) => command.includes('serve.mjs'))).toEqual([]);
  expect((await readdir(join(home, '.moult'))).filter((name) => ['journal', 'staging', 'reserve'].includes(name))).toEqual([]);
  tellCases(`bad releases by ${driver}`, 1, mode);
});

/** A release that is healthy for a moment and dies then must not be taken for well: it is watched for longer than it takes to die. */
function impatient(text: string): string {
  return text.replace('within: 4s', 'within: 2500ms').replace('settle: 100ms', 'settle: 1200ms').replace('grace: 5s', 'grace: 1s');
}

async function persons(home: string): Promise<unknown> {
  const tree = await treeState(home, (path) => path.startsWith('.moult') || path === 'logs' || path.startsWith('data/pot.db'));
  return { tree, rows: rowsOf(home) };
}

/** A registry with one package, `pot`. */
async function makeRegistry(): Promise<{ url: string; offer: (...releases: PotRelease[]) => Promise<void> }> {
  const packages = new Map<string, Buffer>();
  const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  const server = await smallServer((request, response) => {
    const file = /\/pot-(.*)\.tgz$/.exec(request.url ?? '')?.[1];
    if (file !== undefined) {
      response.end(packages.get(file));
      return;
    }
    const versions = [...packages].map(([version, bytes]) => {
      const dist = { tarball: `${server.url}/pot/-/pot-${version}.tgz`, integrity: integrityOf(bytes) };
      return [version, { name: 'pot', version, dist }] as const;
    });
    const latest = versions.at(-1)?.[0];
    response.end(JSON.stringify({ name: 'pot', 'dist-tags': { latest }, versions: Object.fromEntries(versions) }));
  });
  const code = await potServer();
  return {
    url: server.url,
    offer: async (...releases) => {
      packages.clear();
      for (const { version, schema = 1, mode = 'well' } of releases) {
        const files = {
          'package.json': JSON.stringify({ name: 'pot', version }),
          'release.json': JSON.stringify({ version, schema, mode }),
        };
        const entries = Object.entries(files).map(([name, content]) => ({ path: `package/${name}`, content }));
        packages.set(version, gzipSync(tarball(...entries, { path: 'package/serve.mjs', content: code })));
      }
    },
  };
}
