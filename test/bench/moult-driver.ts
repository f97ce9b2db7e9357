/** Moult's part of the benchmark as a process of its own: backs up or restores and prints seconds and peak memory as JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { openBackup } from '../../electron/engine/backup/open-backup.ts';
import { unpackBackup } from '../../electron/engine/backup/unpack-backup.ts';

const [action, from = '', to = '', previous] = process.argv.slice(2);
const seconds: Record<string, number> = {};
let last = performance.now();
const lap = (name: string) => {
  seconds[name] = (performance.now() - last) / 1000;
  last = performance.now();
};

if (action === 'restore') {
  await unpackBackup(from, { into: (entry) => (entry.as === '' ? to : `${to}/${entry.as}`) });
  lap('unpack');
} else {
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
console.log(JSON.stringify({ seconds, peakBytes: peakBytes() }));

/** The most that was resident. `maxRSS` begins with what the process that started this one had, so it is only asked where there is no /proc. Both are in KiB. */
function peakBytes(): number {
  const status = existsSync('/proc/self/status') ? readFileSync('/proc/self/status', 'utf8') : '';
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS) * 1024;
}
