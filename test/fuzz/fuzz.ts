/** A byte-level fuzzer: takes good inputs, damages them by a seed, and holds the reader to what it promised: a value or a `Failure`, soon, in little memory. */
import { expect } from 'vitest';
import { Failure, type FailureCode } from '../../electron/api/failure.ts';
import { collectGarbage } from '../../electron/engine/platform/memory.ts';
import { amount, seed, tellCases } from '../crash/support/modes.ts';
import { randomFrom } from '../crash/support/random.ts';

/** Inputs for each reader; 100,000 in a whole run. */
export function inputsOf(part: number, quick: number): number {
  return amount(quick, part, 100_000);
}

/** Milliseconds of this process's own time that one input may take. */
const longest = 1000;
/** Bytes by which the process may grow, above what the test run itself takes. */
const most = 200 * 1024 * 1024;

export interface Fuzzing {
  name: string;
  inputs: number;
  good: readonly Buffer[];
  /** Pieces that mean something in the format. */
  words: readonly string[];
  codes: readonly FailureCode[];
  read: (input: Buffer) => unknown;
}

export async function fuzz(fuzzing: Fuzzing): Promise<void> {
  const random = randomFrom(seed);
  const problems: string[] = [];
  const ends = { understood: 0, refused: 0 };
  const before = process.memoryUsage.rss();
  let grown = 0;
  for (let number = 0; number < fuzzing.inputs && problems.length < 10; number += 1) {
    const input = damage(fuzzing.good[number % fuzzing.good.length] ?? Buffer.alloc(0), random, fuzzing.words);
    const from = process.cpuUsage();
    try {
      await fuzzing.read(input);
      ends.understood += 1;
    } catch (error) {
      ends.refused += 1;
      if (!(error instanceof Failure))
        problems.push(`input ${number} of seed ${seed}: not a failure but ${(error as Error).stack}\n${preview(input)}`);
      else if (!fuzzing.codes.includes(error.code))
        problems.push(`input ${number} of seed ${seed}: ${error.code} ${error.message}\n${preview(input)}`);
    }
    const took = process.cpuUsage(from);
    if ((took.user + took.system) / 1000 > longest)
      problems.push(`input ${number} of seed ${seed} took ${(took.user + took.system) / 1000} ms\n${preview(input)}`);
    if (number % 500 !== 0) continue;
    const now = process.memoryUsage.rss() - before;
    grown = Math.max(grown, now);
    // What nobody holds any more, and only waits to be collected, is nobody's growth.
    if (now > most / 2) collectGarbage();
  }
  if (grown > most) problems.push(`it grew by ${Math.round(grown / 1024 / 1024)} MiB`);
  tellCases(
    `fuzz ${fuzzing.name}`,
    fuzzing.inputs,
    `${ends.understood} understood, ${ends.refused} refused, grown by ${Math.round(grown / 1024 / 1024)} MiB`,
  );
  expect(problems).toEqual([]);
  // A fuzzer whose every input is refused at the door, or none, tests nothing.
  expect(ends.refused).toBeGreaterThan(0);
}

/** One to eight small damages. */
function damage(good: Buffer, random: () => number, words: readonly string[]): Buffer {
  let bytes = Buffer.from(good);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let left = 1 + below(8) * below(2); left > 0; left -= 1) {
    const at = below(bytes.length + 1);
    const kind = below(9);
    if (kind === 0 && bytes.length > 0) bytes[Math.min(at, bytes.length - 1)] = below(256);
    else if (kind === 1 && bytes.length > 0)
      bytes[Math.min(at, bytes.length - 1)] = (bytes[Math.min(at, bytes.length - 1)] ?? 0) ^ (1 << below(8));
    else if (kind === 2) bytes = cut(bytes, at, at + below(40));
    else if (kind === 3) bytes = splice(bytes, at, bytes.subarray(below(bytes.length + 1)).subarray(0, below(200)));
    else if (kind === 4) bytes = splice(bytes, at, Buffer.from(words[below(words.length)] ?? ''));
    else if (kind === 5) bytes = replaceWord(bytes, random, words);
    else if (kind === 6) bytes = bytes.subarray(0, at);
    else if (kind === 7) bytes = splice(bytes, at, Buffer.from(Array.from({ length: below(16) }, () => below(256))));
    else bytes = replaceNumber(bytes, random);
  }
  return bytes;
}

function splice(bytes: Buffer, at: number, piece: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

function cut(bytes: Buffer, from: number, to: number): Buffer<ArrayBuffer> {
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function replaceWord(bytes: Buffer, random: () => number, words: readonly string[]): Buffer<ArrayBuffer> {
  const text = bytes.toString('latin1');
  const found = [...text.matchAll(/[\w.-]{2,}/g)];
  const chosen = found[Math.floor(random() * found.length)];
  if (chosen === undefined) return Buffer.from(bytes);
  return Buffer.from(
    text.slice(0, chosen.index) + (words[Math.floor(random() * words.length)] ?? '') + text.slice(chosen.index + chosen[0].length),
    'latin1',
  );
}

const numbers = ['-1', '0', '1e308', '9007199254740993', '-0.5', '99999999999999999999', '1e-400', 'NaN', '0x10'];

function replaceNumber(bytes: Buffer, random: () => number): Buffer<ArrayBuffer> {
  const text = bytes.toString('latin1');
  const found = [...text.matchAll(/\d+/g)];
  const chosen = found[Math.floor(random() * found.length)];
  if (chosen === undefined) return Buffer.from(bytes);
  return Buffer.from(
    text.slice(0, chosen.index) + (numbers[Math.floor(random() * numbers.length)] ?? '') + text.slice(chosen.index + chosen[0].length),
    'latin1',
  );
}

function preview(input: Buffer): string {
  return input.length > 2000 ? `${input.toString('base64').slice(0, 2000)}…` : input.toString('base64');
}
