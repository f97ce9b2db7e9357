import { describe, expect, it } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { moult } from './terminal.ts';

const canary = 'canary-7f3a-correct-horse';

async function secretFile(content: string): Promise<string> {
  const folder = await temporaryFolder('secret');
  const path = join(folder, 'secret');
  await writeFile(path, content, { mode: 0o600 });
  return path;
}

describe('a passphrase', () => {
  it('from a file goes to the engine, and to nothing that is shown', async () => {
    const path = await secretFile(`${canary}\nsecond line\n`);
    const { engine, output, errors } = await moult(`backup sprig --passphrase-file ${path} --json`);
    expect(engine.calls).toEqual([
      { method: 'holdPassphrase', input: { passphrase: canary } },
      { method: 'backUp', input: { install: 'sprig', held: 'h-1' } },
    ]);
    expect(output + errors).not.toContain(canary);
  });

  it('is never an argument', async () => {
    for (const line of [
      'backup sprig --passphrase-file',
      `backup sprig --passphrase ${canary} more`,
      `verify b.tar.zst.age --identity ${canary}`,
    ]) {
      const { code, engine } = await moult(line);
      expect(code, line).toBe(2);
      expect(engine.calls).toEqual([]);
    }
  });

  it('does not go together with keys, and an empty one is none', async () => {
    const path = await secretFile('\n');
    expect(await moult(`backup sprig --passphrase-file ${path}`)).toMatchObject({ code: 2 });
    const full = await secretFile(canary);
    expect(await moult(`backup sprig --passphrase-file ${full} --recipient age1a`)).toMatchObject({ code: 2 });
  });
});

describe('a key', () => {
  it('from a file opens the backup before anything is asked of it', async () => {
    const path = await secretFile('# mine\nAGE-SECRET-KEY-1CANARY\n');
    const { engine, output } = await moult(`verify b.tar.zst.age --identity-file ${path}`);
    expect(engine.calls).toEqual([
      { method: 'unlock', input: { backup: '/home/ann/b.tar.zst.age', identities: ['AGE-SECRET-KEY-1CANARY'] } },
      { method: 'verify', input: { input: '/home/ann/b.tar.zst.age' } },
    ]);
    expect(output).not.toContain('CANARY');
  });

  it('that is none is refused by name of the file, not by its content', async () => {
    const path = await secretFile(canary);
    const { code, errors, engine } = await moult(`restore --input b.tar.zst.age --identity-file ${path} --yes`);
    expect(code).toBe(2);
    expect(errors).toContain(path.slice(0, 20));
    expect(errors).not.toContain(canary);
    expect(engine.calls).toEqual([]);
  });
});

it('a rate is a number with K, M or G', async () => {
  for (const rate of ['20M', '20MiB/s', '512k', '0.5G']) expect((await moult(`limit ${rate}`)).code).toBe(0);
  for (const rate of ['fast', '-1', '12', '0.0001K', '10T']) expect((await moult(`limit ${rate}`)).code, rate).toBe(2);
});
