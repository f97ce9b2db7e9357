/** Moult's part of the benchmark as a process of its own: does one thing, loads only what that needs, and prints the seconds of its parts and its peak memory as JSON. */
import { existsSync, readFileSync } from 'node:fs';

const [action = '', from = '', to = '', more] = process.argv.slice(2);
const seconds: Record<string, number> = {};
let last = performance.now();
const lap = (name: string) => {
  seconds[name] = (performance.now() - last) / 1000;
  last = performance.now();
};

const actions: Record<string, () => Promise<void>> = {
  /** Of the folder `from` into the file `to`, after the earlier backup `more` if there is one. */
  backup: () => backUp(more),
  restore: async () => {
    const { unpackBackup } = await import('../../electron/engine/backup/unpack-backup.ts');
    await unpackBackup(from, { into: ({ as }) => (as === '' ? to : `${to}/${as}`) });
    lap('unpack');
  },
  verify: async () => {
    const { verifyBackup } = await import('../../electron/engine/backup/verify-backup.ts');
    const { problems } = await verifyBackup(from);
    lap('verify');
    if (problems.length > 0) throw new Error(problems.join('\n'));
  },
  /** What `moult compare` and the pages begin with: every member, looked at. */
  list: async () => {
    const { listMembers } = await import('../../electron/engine/backup/read-backup.ts');
    lap('start');
    let members = 0;
    for await (const member of listMembers(from)) members += member.path === '' ? 0 : 1;
    lap('list');
    if (members === 0) throw new Error('nothing is in it');
  },
  /** The file `more` of it into the file `to`. */
  one: async () => {
    const { unpackBackup } = await import('../../electron/engine/backup/unpack-backup.ts');
    lap('start');
    const { files } = await unpackBackup(from, { into: ({ as }) => (as === more ? to : null) });
    lap('one');
    if (files !== 1) throw new Error(`${more} is not in it`);
  },
};

await actions[action]?.();
console.log(JSON.stringify({ seconds, peakBytes: peakBytes() }));

async function backUp(previous: string | undefined): Promise<void> {
  const { openBackup } = await import('../../electron/engine/backup/open-backup.ts');
  const writer = await openBackup({ to, ...(previous !== undefined && { previous }) });
  const sources = [{ item: 'data', path: from, as: '' }];
  await writer.addFirstPass(sources);
  lap('write');
  await writer.verifyWritten();
  lap('readBack');
  await writer.addChanges(sources);
  lap('changes');
  await writer.seal({
    product: 'bench',
    install: 'bench',
    release: null,
    schema: { version: null, ledger: null, known: null },
    reason: 'asked',
    items: [{ item: 'data', title: 'Data', fate: 'preserve', kind: 'files', places: [] }],
    secretsFingerprint: null,
  });
  lap('seal');
}

/** The most that was resident. `maxRSS` begins with what the process that started this one had, so it is only asked where there is no /proc. Both are in KiB. */
function peakBytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS) * 1024;
}
