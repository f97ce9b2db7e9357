/** Verifies an encrypted backup without its key: its bytes are held against the SHA-256 that was written down when it was made. */
import type { Verification } from '../../api/models.ts';
import { ticks } from '../platform/clock.ts';
import { followOrNull } from '../platform/files.ts';
import { hashFile } from '../platform/tree.ts';
import { needsKey } from './backup-failures.ts';
import { readLabel } from './backup-label.ts';
import { sealOf } from './unlock-backup.ts';
import type { VerifyOptions } from './verify-backup.ts';

/** `known` is what the catalogue remembers; without it, what the label says. Throws `needs-key` where nobody wrote a hash down. */
export async function verifySealed(path: string, known: string | null, options: VerifyOptions = {}): Promise<Verification> {
  const from = ticks();
  const outside = await sealOf(path);
  const label = outside === null ? null : ((await readLabel(path, outside.sealId))?.label ?? null);
  const expected = known ?? label?.sha256;
  if (expected === undefined) throw needsKey(path, outside?.takesPassphrase ?? false);
  const isSame = (await hashFile(path, options.signal)) === expected;
  return {
    id: label?.id ?? null,
    path,
    verdict: isSame ? 'unproven' : 'bad',
    files: label === null ? 0 : label.counts.files + label.counts.links,
    bytes: (await followOrNull(path))?.size ?? 0,
    seconds: (ticks() - from) / 1000,
    problems: isSame ? [] : ['its bytes are not those that were written'],
    sealed: true,
  };
}
