/**
 * Compares Moult's backups with `tar czf`, `tar` with `zstd -T0` at the same level, and restic where it is installed: side by side, in one run, on
 * the same data. Ends with 1 when a bar is missed, unless `--report` only asks for the figures: a small size and a busy machine judge nothing.
 *
 *   node test/bench/run.ts [--size 1G] [--rounds 3] [--folder DIR] [--report]
 *
 * What others do is packing; Moult also syncs the file, reads all of it back from disk and compares it with the manifest. Both are told, and
 * the bars are about the same work: the time until all is packed and written. Restoring ends for all with the sync of what was restored. The rounds are interleaved and the median of the ratios within
 * rounds counts, because machines are never quiet.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBenchData } from './bench-data.ts';
import { findContestants, type Contestant } from './contestants.ts';
import type { Measured } from './measure.ts';

const megabyte = 1e6;
const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1G' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string' },
    report: { type: 'boolean', default: false },
  },
});
const bytes = parseSize(values.size);
const rounds = Number(values.rounds);

interface Rounds {
  contestant: Contestant;
  backUp: Measured[];
  restore: Measured[];
}

const folder = await mkdtemp(join(values.folder ?? tmpdir(), 'moult-bench-'));
try {
  const isMissed = await bench();
  process.exitCode = isMissed && !values.report ? 1 : 0;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function bench(): Promise<boolean> {
  const data = join(folder, 'data');
  const files = await makeBenchData(data, bytes);
  console.log(`${(bytes / megabyte).toFixed(0)} MB in ${files} files; ${rounds} rounds\n`);
  const all: Rounds[] = (await findContestants(data, folder)).map((contestant) => ({ contestant, backUp: [], restore: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const each of all) {
      each.backUp.push(await each.contestant.backUp());
      each.restore.push(await each.contestant.restore());
    }
  }
  for (const each of all) console.log(describe(each));
  const small = await smallPeak();
  const [moult, zstd, gzip] = all as [Rounds, Rounds, Rounds];
  const own = moult.backUp.map(packing);
  const peak = Math.max(...[...moult.backUp, ...moult.restore].map(({ peakBytes }) => peakBytes));
  const bars: [string, number, boolean][] = [
    ['packing, × tar with zstd -T0 (at least 1)', ratio(zstd.backUp.map(whole), own), true],
    ['packing, × tar czf (at least 5)', ratio(gzip.backUp.map(whole), own), true],
    ['restoring, × tar with zstd -T0 (at least 1)', ratio(zstd.restore.map(whole), moult.restore.map(whole)), true],
    ['with sync and read-back, × tar with zstd -T0 (no bar)', ratio(zstd.backUp.map(whole), moult.backUp.map(whole)), false],
    ['with sync and read-back, × tar czf (no bar)', ratio(gzip.backUp.map(whole), moult.backUp.map(whole)), false],
  ];
  const least = [1, 5, 1];
  console.log();
  let isMissed = false;
  bars.forEach(([name, value, isBar], index) => {
    // Machines are noisy: five in a hundred are not a difference.
    const isBelow = isBar && value < (least[index] ?? 0) * 0.95;
    isMissed ||= isBelow;
    console.log(`${isBar ? (isBelow ? 'MISSED' : 'held  ') : '      '} ${name}: ${value.toFixed(2)}`);
  });
  const isHeavy = peak >= 200 * megabyte;
  console.log(
    `${isHeavy ? 'MISSED' : 'held  '} memory below 200 MB: ${(peak / megabyte).toFixed(0)} MB (${(small / megabyte).toFixed(0)} MB on an eighth of the data)`,
  );
  return isMissed || isHeavy;
}

/** Memory on an eighth of the data, to see whether it is flat. */
async function smallPeak(): Promise<number> {
  const inside = join(folder, 'small');
  await makeBenchData(join(inside, 'data'), bytes / 8);
  const [moult] = await findContestants(join(inside, 'data'), inside);
  const measured = await (moult as Contestant).backUp();
  return measured.peakBytes;
}

function describe({ contestant, backUp, restore }: Rounds): string {
  const rate = (seconds: number[]) => `${(bytes / megabyte / median(seconds)).toFixed(0).padStart(5)} MB/s`;
  const peak = (measured: Measured[]) =>
    `${(Math.max(...measured.map(({ peakBytes }) => peakBytes)) / megabyte).toFixed(0).padStart(4)} MB`;
  const isMoult = Object.keys(backUp[0]?.phases ?? {}).length > 0;
  const whole1 = `  back up ${rate(backUp.map(isMoult ? packing : whole))} ${peak(backUp)}   restore ${rate(restore.map(whole))} ${peak(restore)}`;
  const also = isMoult ? `\n${' '.repeat(18)}with sync and read-back ${rate(backUp.map(whole))}` : '';
  return `${contestant.name.padEnd(18)}${whole1}${also}`;
}

function whole({ seconds }: Measured): number {
  return seconds;
}

/** All but the read-back: the start of the process, packing, and the end of the file. */
function packing({ seconds, phases }: Measured): number {
  return seconds - (phases['readBack'] ?? 0) - (phases['changes'] ?? 0);
}

/** How much faster the second is than the first, in the median of the rounds. */
function ratio(first: number[], second: number[]): number {
  return median(first.map((seconds, round) => seconds / (second[round] ?? Infinity)));
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function parseSize(text: string): number {
  const match = /^(\d+)([KMG]?)$/.exec(text);
  if (!match) throw new Error(`--size takes a number with K, M or G, not ${text}`);
  return Number(match[1]) * { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2] as '' | 'K' | 'M' | 'G'];
}
