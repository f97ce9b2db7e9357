/**
 * Compares Moult's backups with `tar czf`, `tar` with `zstd -T0` at the same level, and restic where it is installed: side by side, in one run, on
 * the same data: 1 GiB as a real install has it, and 100,000 small files. Ends with 1 when a bar is missed, unless `--report` only asks for the
 * figures: a small size and a busy machine judge nothing.
 *
 *   node test/bench/run.ts [--size 1G] [--files 100000] [--rounds 3] [--folder DIR] [--report]
 *
 * What others do is packing; Moult also syncs the file, reads all of it back from disk and compares it with the manifest. Both are told, and
 * the bars are about the same work: the time until all is packed and written. Restoring ends for all with the sync of what was restored. The rounds are
 * interleaved and the median of the ratios within rounds counts, because machines are never quiet.
 */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bars, median, ratio } from './bars.ts';
import { makeBenchData, makeSmallFiles } from './bench-data.ts';
import { findOthers, moult, zstdTar, type Contestant, type Extras } from './contestants.ts';
import type { Measured } from './measure.ts';

const megabyte = 1e6;
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1G' },
    files: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string' },
    report: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);

interface Rounds {
  contestant: Contestant;
  backUp: Measured[];
  restore: Measured[];
}
type Own = Record<keyof Extras, Measured[]>;

const folder = await mkdtemp(join(values.folder ?? tmpdir(), 'moult-bench-'));
const bars = new Bars();
try {
  await benchMixed(join(folder, 'mixed'), parseSize(values.size));
  await benchSmall(join(folder, 'small'), Number(values.files));
  process.exitCode = bars.isMissed && !values.report ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function benchMixed(inside: string, bytes: number): Promise<void> {
  const data = join(inside, 'data');
  const files = await makeBenchData(data, bytes);
  console.log(`\n${(bytes / megabyte).toFixed(0)} MB in ${files} files; ${rounds} rounds\n`);
  const own = await moult(data, inside);
  const all = [own, zstdTar(data, inside), ...findOthers(data, inside)].map(begin);
  const extras: Own = { again: [], verify: [], list: [], one: [] };
  const note = join('notes', '0000', (await readdir(join(data, 'notes', '0000')))[0] ?? '');
  for (let round = 0; round < rounds; round += 1) {
    await runRound(all);
    extras.again.push(await own.again());
    extras.verify.push(await own.verify());
    extras.list.push(await own.list());
    extras.one.push(await own.one(note));
  }
  await report(all, bytes);
  const [first, zstd, gzip] = all as [Rounds, Rounds, Rounds];
  const packed = first.backUp.map(packing);
  bars.least('packing, × tar with zstd -T0', ratio(zstd.backUp.map(whole), packed), 1);
  bars.least('packing, × tar czf', ratio(gzip.backUp.map(whole), packed), 5);
  bars.least('restoring, × tar with zstd -T0', ratio(zstd.restore.map(whole), first.restore.map(whole)), 1);
  bars.tell('with sync and read-back, × tar with zstd -T0', ratio(zstd.backUp.map(whole), first.backUp.map(whole)));
  bars.tell('with sync and read-back, × tar czf', ratio(gzip.backUp.map(whole), first.backUp.map(whole)));
  bars.least('again with unchanged data, × the first', ratio(first.backUp.map(whole), extras.again.map(whole)), 3);
  bars.least('verifying, MB/s', bytes / megabyte / median(extras.verify.map((one) => phase(one, 'verify'))), 500);
  bars.most('listing, ms', median(extras.list.map((one) => phase(one, 'list'))) * 1000, 200);
  bars.most('one file out of it, ms', median(extras.one.map((one) => phase(one, 'one'))) * 1000, 300);
  const measured = [...first.backUp, ...first.restore, ...Object.values(extras).flat()];
  bars.most('memory, MB', Math.max(...measured.map(({ peakBytes }) => peakBytes)) / megabyte, 200);
  bars.tell('memory on an eighth of the data, MB', (await smallPeak(inside, bytes / 8)) / megabyte);
}

async function benchSmall(inside: string, files: number): Promise<void> {
  const data = join(inside, 'data');
  const bytes = await makeSmallFiles(data, files);
  console.log(`\n${(bytes / megabyte).toFixed(0)} MB in ${files} small files; ${rounds} rounds\n`);
  const all = [await moult(data, inside), zstdTar(data, inside)].map(begin);
  for (let round = 0; round < rounds; round += 1) await runRound(all);
  await report(all, bytes);
  const [first, zstd] = all as [Rounds, Rounds];
  bars.least('small files: packing, × tar with zstd -T0', ratio(zstd.backUp.map(whole), first.backUp.map(packing)), 1);
  bars.least('small files: restoring, × tar with zstd -T0', ratio(zstd.restore.map(whole), first.restore.map(whole)), 1);
  bars.most('small files: memory, MB', Math.max(...[...first.backUp, ...first.restore].map(({ peakBytes }) => peakBytes)) / megabyte, 200);
}

function begin(contestant: Contestant): Rounds {
  return { contestant, backUp: [], restore: [] };
}

async function runRound(all: readonly Rounds[]): Promise<void> {
  for (const each of all) {
    each.backUp.push(await each.contestant.backUp());
    each.restore.push(await each.contestant.restore());
  }
}

/** Memory on less data, to see whether it is flat. */
async function smallPeak(inside: string, bytes: number): Promise<number> {
  const small = join(inside, 'less');
  await makeBenchData(join(small, 'data'), bytes);
  const { peakBytes } = await (await moult(join(small, 'data'), small)).backUp();
  return peakBytes;
}

async function report(all: readonly Rounds[], bytes: number): Promise<void> {
  const rate = (seconds: number[]) => `${(bytes / megabyte / median(seconds)).toFixed(0).padStart(5)} MB/s`;
  const peak = (measured: Measured[]) =>
    `${(Math.max(...measured.map(({ peakBytes }) => peakBytes)) / megabyte).toFixed(0).padStart(4)} MB`;
  for (const { contestant, backUp, restore } of all) {
    const isMoult = Object.keys(backUp[0]?.phases ?? {}).length > 0;
    const size = `${((await sizeOf(contestant.archive)) / megabyte).toFixed(0).padStart(5)} MB`;
    const packed = rate(backUp.map(isMoult ? packing : whole));
    console.log(
      `${contestant.name.padEnd(18)}  back up ${packed} ${peak(backUp)}   restore ${rate(restore.map(whole))} ${peak(restore)}   file ${size}`,
    );
    if (isMoult) console.log(`${' '.repeat(18)}  with sync and read-back ${rate(backUp.map(whole))}`);
  }
  console.log();
}

/** Of a file, or of all that is in a folder. */
async function sizeOf(path: string): Promise<number> {
  const facts = await stat(path);
  if (facts.isFile()) return facts.size;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => stat(join(entry.parentPath, entry.name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

function whole({ seconds }: Measured): number {
  return seconds;
}

/** All but the read-back: the start of the process, packing, and the end of the file. */
function packing({ seconds, phases }: Measured): number {
  return seconds - (phases['readBack'] ?? 0) - (phases['changes'] ?? 0);
}

function phase({ phases }: Measured, name: string): number {
  return phases[name] ?? Infinity;
}

function parseSize(text: string): number {
  const match = /^(\d+)([KMG]?)$/.exec(text);
  if (!match) throw new Error(`--size takes a number with K, M or G, not ${text}`);
  return Number(match[1]) * { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2] as '' | 'K' | 'M' | 'G'];
}
