import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareShipped, listSlots, readShipped, stageRelease, type StageOptions } from '../../../electron/engine/slot/stage.ts';
import { noise, tarball } from '../../support/tarballs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const stageModule = new URL('../../../electron/engine/slot/stage.ts', import.meta.url).href;

test('killed at any moment, a slot is there whole or not at all, and staging again makes it', async () => {
  const home = await temporaryFolder('kill');
  const archive = tarball(
    ...Array.from({ length: 300 }, (_, index) => ({ path: `app/${index % 7}/file-${index}`, content: noise(4000, index + 1) })),
  );
  await writeFile(join(home, 'archive'), archive);
  const ends = new Set<string>();
  for (let round = 0; round < 8; round += 1) {
    const options: StageOptions = {
      payload: { driver: 'archive', strip: 1 },
      release: { version: `1.0.${round}`, artifact: { kind: 'file', sha256: createHash('sha256').update(archive).digest('hex') } },
      artifact: join(home, 'archive'),
      slots: join(home, 'slots'),
      staging: join(home, 'staging'),
    };
    await stageAndKill(options, round * 12);
    const isThere = (await listSlots(options.slots)).includes(options.release.version);
    ends.add(isThere ? 'whole' : 'none');
    if (isThere) {
      const shipped = await readShipped(options.slots, options.release.version);
      expect(await compareShipped(join(options.slots, options.release.version), shipped as NonNullable<typeof shipped>)).toEqual({
        changed: [],
        missing: [],
        foreign: [],
      });
    }
    expect(await stageRelease(options)).toMatchObject({ kept: isThere, files: 300 });
    expect(await readdir(options.staging)).toEqual([]);
  }
  // The first kill comes before anything can be done; if every one did, the test would prove nothing.
  expect(ends).toContain('none');
});

/** Stages in a process of its own and kills it that many milliseconds after it began. */
async function stageAndKill(options: StageOptions, delay: number): Promise<void> {
  const script = `import { stageRelease } from '${stageModule}'; process.stdout.write('begun'); await stageRelease(${JSON.stringify(options)});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.stdout.once('data', () => setTimeout(() => child.kill('SIGKILL'), delay));
  await ended;
}
