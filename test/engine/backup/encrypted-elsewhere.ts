/** Opens an encrypted backup in a process that did not make it, and so does not know its key. Run by itself it is that process. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { unlockBackup } from '../../../electron/engine/backup/unlock-backup.ts';
import { unpackBackup } from '../../../electron/engine/backup/unpack-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';

export interface Task {
  path: string;
  identities: string[];
  passphrases: string[];
  out: string;
}

export interface Seen {
  /** The code of the refusal without a key. */
  without: string;
  /** Whether keys that do not belong to it opened it. */
  wrong: boolean;
  product: string;
  verdict: { verdict: string; problems: string[] };
}

export async function inItsOwnProcess(task: Task): Promise<Seen> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(task)]);
  return JSON.parse(stdout) as Seen;
}

async function look({ path, identities, passphrases, out }: Task): Promise<Seen> {
  const without = await readManifest(path).then(
    () => 'open',
    (error: unknown) => (error as { code: string }).code,
  );
  const wrong = await unlockBackup(path, { identities: [], passphrases: ['not it'] });
  await unlockBackup(path, { identities, passphrases });
  const { product } = await readManifest(path);
  const { verdict, problems } = await verifyBackup(path);
  await unpackBackup(path, { into: (entry) => (entry.as === '' ? out : join(out, entry.as)) });
  return { without, wrong, product, verdict: { verdict, problems } };
}

const [, script, task] = process.argv;
if (script === fileURLToPath(import.meta.url) && task !== undefined)
  process.stdout.write(JSON.stringify(await look(JSON.parse(task) as Task)));
