/**
 * Ctrl-C, a reader that goes away, and nobody at the terminal: a signal never cuts anything off. Before the commit point everything goes
 * back (exit 130), after it the operation says that it cannot be cancelled any more and goes on to its end.
 */
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { buildRelease, writeFeed } from '../../resources/sample/build.ts';
import { releases } from '../../resources/sample/releases.ts';
import type { Status } from '../../electron/api/models.ts';
import { leftovers } from '../support/leftovers.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { serveBytes } from '../support/small-server.ts';
import { setUpSprig, type SprigInstall } from '../support/sprig-install.ts';
import { noise } from '../support/tarballs.ts';
import { stateOfPlaces } from '../support/tree-state.ts';
import { buildMember } from '../support/zoo.ts';

type OnEnd = Parameters<typeof makeWorld>[0];

async function install(onEnd: OnEnd, feed = sampleFeed): Promise<{ world: World; sprig: SprigInstall }> {
  const world = await makeWorld(onEnd);
  await world.useSprig(feed, quickly);
  return { world, sprig: await setUpSprig(world, '1.0.0') };
}

describe.concurrent('Ctrl-C', () => {
  test('during a backup', async ({ onTestFinished, expect }) => {
    const { world, sprig } = await install(onTestFinished);
    const piece = noise(8 * 1024 * 1024);
    for (let count = 0; count < 60; count += 1)
      await writeFile(join(sprig.home, 'notes', `large-${count}.bin`), Buffer.concat([Buffer.from([count]), piece]));
    const output = join(world.folder, 'cut.tar.zst');
    const running = world.begin(['backup', 'sprig', '--output', output]);
    await running.event((event) => event.event === 'progress' && (event.progress.bytes ?? 0) > 0);
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 130, error: { code: 'cancelled' } });
    expect(ended.events).toContainEqual(expect.objectContaining({ event: 'cancelling', possible: true }));
    expect((await readdir(world.folder)).filter((name) => name.includes('cut'))).toEqual([]);
    expect(await leftovers(world, sprig.home)).toEqual([]);
    expect((await world.must(['status', 'sprig'])).result).toMatchObject({
      health: 'healthy',
      interrupted: null,
      busy: null,
      lastBackup: null,
    });
  });

  test('during a download, which goes on where it stopped', async ({ onTestFinished, expect }) => {
    const { world, sprig } = await install(onTestFinished);
    const archive = await readFile(join(sampleFeed, 'sprig-1.1.0.tar.gz'));
    const half = Math.floor(archive.length / 2);
    const ranges: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      ranges.push(request.headers.range);
      if (ranges.length > 1) serveBytes(request, response, archive);
      else
        response
          .writeHead(200, { 'content-length': archive.length, 'accept-ranges': 'bytes', etag: '"one"' })
          .write(archive.subarray(0, half));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as { port: number };
    await serveFrom(world, `http://127.0.0.1:${port}/sprig-1.1.0.tar.gz`);
    const running = world.begin(['upgrade', 'sprig', '--to', '1.1.0', '--yes']);
    await running.event((event) => event.event === 'progress' && event.progress.step === 'fetch' && (event.progress.bytes ?? 0) >= half);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, error: { code: 'cancelled' } });
    expect(await leftovers(world, sprig.home)).toEqual([]);
    expect(await sprig.health()).toMatchObject({ version: '1.0.0', status: 'ok' });
    expect(((await world.must(['status', 'sprig'])).result as Status).update.quarantined).toEqual([]);
    await world.must(['upgrade', 'sprig', '--to', '1.1.0', '--yes']);
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
    expect(await sprig.health()).toMatchObject({ version: '1.1.0' });
  });

  test('while the new release migrates: the old one comes back', async ({ onTestFinished, expect }) => {
    const feed = join((await makeWorld(onTestFinished)).folder, 'feed');
    await writeFeed(feed, [
      ...(await Promise.all(releases.slice(0, 2).map((definition) => buildRelease(definition)))),
      await buildMember('hangs'),
    ]);
    const { world, sprig } = await install(onTestFinished, feed);
    await sprig.write('Garden', '# Garden\n');
    const before = await stateOfPlaces(sprig.home, ['notes', 'config.yaml']);
    const running = world.begin(['upgrade', 'sprig', '--to', '1.3.0', '--yes']);
    await running.event((event) => event.event === 'progress' && event.progress.step === 'migrate');
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 130, error: { code: 'cancelled', details: { endState: 'old-and-healthy' } } });
    expect(await sprig.health()).toMatchObject({ version: '1.0.0', status: 'ok' });
    expect(await stateOfPlaces(sprig.home, ['notes', 'config.yaml'])).toEqual(before);
    expect(await leftovers(world, sprig.home)).toEqual([]);
    expect((await world.processes()).length).toBe(1);
    expect(((await world.must(['status', 'sprig'])).result as Status).update.quarantined).toEqual([]);
  });

  test('after the commit point: it says that it cannot, and recovery finishes what a kill leaves', async ({ onTestFinished, expect }) => {
    const { world, sprig } = await install(onTestFinished);
    const running = world.begin(['upgrade', 'sprig', '--to', '1.1.0', '--yes'], { env: { MOULT_TEST_FAILPOINT: 'tidy:before:hang' } });
    await running.event((event) => event.event === 'step' && event.id === 'tidy' && event.state === 'running');
    running.child.kill('SIGINT');
    expect(await running.event((event) => event.event === 'cancelling')).toMatchObject({ possible: false });
    running.child.kill('SIGINT');
    running.child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(running.child.exitCode).toBeNull();
    running.child.kill('SIGKILL');
    await running.ended;
    expect((await world.must(['recover', 'sprig'])).result).toMatchObject({ endState: 'new-and-healthy', to: '1.1.0' });
    expect(await sprig.health()).toMatchObject({ version: '1.1.0', status: 'ok' });
    expect(await leftovers(world, sprig.home)).toEqual([]);
  });
});

describe.concurrent('whoever reads', () => {
  test('goes away in the middle: the upgrade goes on to its end', async ({ onTestFinished, expect }) => {
    const { world, sprig } = await install(onTestFinished);
    const running = world.begin(['upgrade', 'sprig', '--yes'], { plain: true });
    await once(running.child.stdout as NodeJS.ReadableStream, 'data');
    running.child.stdout?.destroy();
    const { code, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(await sprig.health()).toMatchObject({ version: '2.0.0', status: 'ok' });
    expect(await leftovers(world, sprig.home)).toEqual([]);
  });

  test('is no terminal: plain lines, nothing redrawn, errors on their own stream', async ({ onTestFinished, expect }) => {
    const { world } = await install(onTestFinished);
    const status = await world.must(['status', 'sprig'], 0, { plain: true });
    expect(status.stdout).toContain('1.0.0');
    const made = await world.must(['backup', 'sprig'], 0, { plain: true });
    const refused = await world.must(['upgrade', 'sprig'], 3, { plain: true });
    expect(refused.stderr).toContain('--yes');
    // Neither colours nor cursor moves.
    for (const text of [status.stdout, made.stdout, refused.stdout, refused.stderr]) expect(text).not.toContain('\u001b');
    expect([status.stderr, made.stderr]).toEqual(['', '']);
  });
});

/** The sample's feed with 1.1.0 on a server. */
async function serveFrom(world: World, url: string): Promise<void> {
  const feed = join(world.folder, 'server-feed');
  const list = JSON.parse(await readFile(join(sampleFeed, 'releases.json'), 'utf8')) as { releases: { version: string; file?: string }[] };
  const offered = list.releases.filter(({ version }) => version === '1.1.0').map((entry) => ({ ...entry, file: undefined, url }));
  await writeFeed(feed, []);
  await writeFile(join(feed, 'releases.json'), JSON.stringify({ ...list, releases: offered }));
  await world.useSprig(feed, quickly);
}
