/**
 * `global/pg_control` of a PostgreSQL data folder, read without PostgreSQL: which cluster it is, whether it was put in order when it was
 * left, and where its log ends. Pure. Source: `ControlFileData` in PostgreSQL's `src/include/catalog/pg_control.h`; the part up to the
 * checkpoint is the same from 11 on, the rest is found from the end, which a CRC-32C proves.
 */

export type ClusterState = 'clean' | 'shutting-down' | 'recovering' | 'in-use' | 'unknown';

export interface ControlFile {
  /** A number of 64 bits that `initdb` makes up: copies of a cluster have the same. */
  systemIdentifier: string;
  controlVersion: number;
  /** What the cluster last wrote of itself; `in-use` of one that nobody runs means that it was left without being stopped. */
  state: ClusterState;
  /** Where the last checkpoint's record stands in the log, and where recovery would begin. */
  checkpoint: bigint;
  redo: bigint;
  timeline: number;
  /** Whether its pages carry checksums; null where this version's layout is not known. */
  checksums: boolean | null;
}

/** The length of what is read of the file; it is padded with zeros to 8 KiB. */
export const controlBytes = 512;

const states: Record<number, ClusterState> = {
  0: 'in-use',
  1: 'clean',
  2: 'clean',
  3: 'shutting-down',
  4: 'recovering',
  5: 'recovering',
  6: 'in-use',
};

/** The first layout that is read here (PostgreSQL 11), and the newest that is known (18). */
const oldest = 1100;
const newest = 1800;
/** The control version of PostgreSQL 18, which put one more byte, padded to four, behind the checksum version. */
const withCharSignedness = 1800;

/** Reads the file's first bytes; null where its checksum does not match: it is damaged, or was read while it was written. */
export function parseControl(content: Uint8Array): ControlFile | null {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.byteLength < controlBytes) return null;
  const isLittle = view.getUint32(8, true) < 65_536;
  const controlVersion = view.getUint32(8, isLittle);
  const crcAt = findChecksum(content, view, isLittle);
  if (crcAt === null) return null;
  const known = controlVersion >= oldest && controlVersion <= newest;
  const checksumAt = crcAt - (controlVersion >= withCharSignedness ? 40 : 36);
  return {
    systemIdentifier: view.getBigUint64(0, isLittle).toString(),
    controlVersion,
    state: states[view.getInt32(16, isLittle)] ?? 'unknown',
    checkpoint: view.getBigUint64(32, isLittle),
    redo: view.getBigUint64(40, isLittle),
    timeline: view.getUint32(48, isLittle),
    checksums: known ? view.getUint32(checksumAt, isLittle) !== 0 : null,
  };
}

/** The structure ends with the CRC-32C of all before it: the one place where that is so is its end. */
function findChecksum(content: Uint8Array, view: DataView, isLittle: boolean): number | null {
  let crc = 0xffffffff;
  for (let at = 0; at + 4 <= controlBytes; at += 1) {
    if (at >= 200 && at % 4 === 0 && view.getUint32(at, isLittle) === (crc ^ 0xffffffff) >>> 0) return at;
    crc = (crc >>> 8) ^ (table[(crc ^ (content[at] as number)) & 0xff] as number);
  }
  return null;
}

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), reflected. */
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});
