import { Failure } from '../../api/failure.ts';
import { digestFile, type DigestName } from '../platform/digest.ts';
import type { Artifact } from './release.ts';

/** What an artifact's bytes must hash to. */
export interface Checksum {
  algorithm: DigestName;
  /** Lower-case hexadecimal, several when any of them will do (SRI). */
  allowed: string[];
  /** As the feed writes it. */
  written: string;
}

const byStrength = ['sha512', 'sha384', 'sha256'] as const;

/** The checksum of an artifact; of an SRI text the strongest algorithm in it counts, https://www.w3.org/TR/SRI/#get-the-strongest-metadata-from-set */
export function checksumOf(artifact: Artifact): Checksum {
  if (artifact.kind !== 'npm')
    return { algorithm: 'sha256', allowed: [artifact.sha256.toLowerCase()], written: `sha256 ${artifact.sha256}` };
  const parts = artifact.integrity.trim().split(/\s+/);
  const algorithm = byStrength.find((name) => parts.some((part) => part.startsWith(`${name}-`)));
  if (algorithm === undefined)
    throw new Failure(
      'bad-feed',
      `the integrity "${artifact.integrity}" of ${artifact.package} ${artifact.version} has no algorithm that can be trusted`,
    );
  const allowed = parts
    .filter((part) => part.startsWith(`${algorithm}-`))
    .map((part) => Buffer.from(part.slice(algorithm.length + 1).replace(/\?.*$/, ''), 'base64').toString('hex'));
  return { algorithm, allowed, written: artifact.integrity };
}

/**
 * Reads a file once and holds it against the checksum. Returns its SHA-256.
 * Throws `wrong-checksum` naming what was expected and what was found; `name` is the artifact as a person knows it.
 */
export async function verifyFile(path: string, checksum: Checksum, name: string, signal?: AbortSignal): Promise<string> {
  const digests = await digestFile(path, ['sha256', checksum.algorithm], signal);
  const found = digests[checksum.algorithm].toString('hex');
  if (checksum.allowed.includes(found)) return digests.sha256.toString('hex');
  const expected = checksum.allowed.join(' or ');
  throw wrongChecksum(`${name} has the wrong checksum: the feed says ${checksum.algorithm} ${expected}, its bytes have ${found}`, {
    expected,
    found,
  });
}

function wrongChecksum(message: string, details: Record<string, unknown>): Failure {
  return new Failure('wrong-checksum', message, {
    remedy: {
      action: 'retry',
      text: 'Try again; if it stays like this, the release was altered or the feed is wrong: tell its publisher. Nothing was changed.',
    },
    details,
  });
}

export function wrongSize(name: string, expected: number, found: number): Failure {
  return wrongChecksum(`${name} has the wrong size: the feed says ${expected} bytes, there are ${found}`, { expected, found });
}
