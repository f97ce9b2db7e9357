/**
 * Whether a product is healthy. Believed only when several signals agree for a while: every address answers as told, the running
 * product says that it is the release it should be, and its process is alive. A product that works on its start (a migration) and says
 * so is given its time; one that hangs, dies, flaps or is the wrong build is not.
 */
import { Failure } from '../../api/failure.ts';
import type { Health } from '../../api/models.ts';
import { pause, ticks } from '../platform/clock.ts';
import { seconds, type HealthSpec } from '../product/schema.ts';
import { look, type Look } from './look.ts';

export interface HealthReport {
  health: Health;
  /** What is wrong, or what is being waited for, in words. */
  detail: string | null;
  /** The release that the running product says it is. */
  release: string | null;
  seconds: number;
}

export interface AwaitHealthyOptions {
  spec: HealthSpec;
  fill: (text: string) => string;
  /** The release that must answer; null where any may. */
  expectRelease: string | null;
  isAlive: () => Promise<boolean>;
  /** The environment of a command that tells the release; without it, this process's own. */
  env?: Record<string, string>;
  signal?: AbortSignal;
  onProgress?: (detail: string, fraction?: number) => void;
}

/** Why a product is not believed to be healthy: `details.reason` of `health-failed`. */
export type UnhealthyReason = 'died' | 'timeout' | 'wrong-build' | 'unhealthy-after-healthy';

/** Seconds that one address may take to answer. */
const probeLimit = 3;
/** The least time in seconds for which a wrong build must answer before it is held against the product. */
const wrongBuildLeast = 1;

/** One look. It cannot tell a stopped product from one that does not answer: both are `unhealthy`. */
export async function probeHealth(
  spec: HealthSpec,
  fill: (text: string) => string,
  signal?: AbortSignal,
  env?: Record<string, string>,
): Promise<HealthReport> {
  const from = ticks();
  const seen = await look(spec, fill, { limit: probeLimit, ...(signal && { signal }), ...(env && { env }) });
  return { health: seen.ready ? 'healthy' : 'unhealthy', detail: seen.problem, release: seen.release, seconds: secondsSince(from) };
}

/**
 * Waits until a product that was just started is healthy, and stays so for `settle`. The limit `within` starts again whenever the
 * progress value changes; `atMost` is never exceeded. Throws `health-failed` with `details.reason` (see `UnhealthyReason`), `details.expected`,
 * `details.found` (releases) and `details.detail`. Durations are the descriptor's.
 */
export async function awaitHealthy(options: AwaitHealthyOptions): Promise<HealthReport> {
  const limits = limitsOf(options.spec);
  const course = newCourse();
  for (;;) {
    const seen = await look(options.spec, options.fill, {
      limit: patience(course, limits),
      ...(options.env && { env: options.env }),
      ...(options.signal && { signal: options.signal }),
    });
    // After the answers: what died while it was answering is not healthy.
    if (!(await options.isAlive())) throw failed('died', course, options, seen);
    note(course, seen, options.expectRelease);
    tell(course, seen, limits, options);
    const steady = course.healthySince === null ? null : secondsSince(course.healthySince);
    if (steady !== null && steady >= limits.settle)
      return { health: 'healthy', detail: null, release: seen.release, seconds: secondsSince(course.began) };
    const reason = reasonToGiveUp(course, limits, seen);
    if (reason !== null) throw failed(reason, course, options, seen);
    await pause(limits.every * 1000, options.signal);
  }
}

/** What has been seen so far; times are ticks. */
interface Course {
  began: number;
  /** When the limit began, which is whenever progress was seen. */
  limitFrom: number;
  healthySince: number | null;
  wrongSince: number | null;
  wasHealthy: boolean;
  progress: string | null;
  extensions: number;
  told: { detail: string; fraction: number };
}

interface Limits {
  within: number;
  atMost: number;
  settle: number;
  every: number;
}

function newCourse(): Course {
  const began = ticks();
  return {
    began,
    limitFrom: began,
    healthySince: null,
    wrongSince: null,
    wasHealthy: false,
    progress: null,
    extensions: 0,
    told: { detail: '', fraction: 0 },
  };
}

function limitsOf(spec: HealthSpec): Limits {
  return { within: seconds(spec.within), atMost: seconds(spec.atMost), settle: seconds(spec.settle), every: seconds(spec.every) };
}

/** How long the next look may take, so that an address that hangs does not stretch the limits. */
function patience(course: Course, limits: Limits): number {
  const left = Math.min(limits.within - secondsSince(course.limitFrom), limits.atMost - secondsSince(course.began));
  return course.healthySince !== null ? probeLimit : Math.min(probeLimit, Math.max(0.1, left));
}

function note(course: Course, seen: Look, expected: string | null): void {
  const at = ticks();
  const right = expected === null || (seen.release !== null && isSameRelease(seen.release, expected));
  course.healthySince = seen.ready && right ? (course.healthySince ?? at) : null;
  course.wrongSince = seen.ready && seen.release !== null && !right ? (course.wrongSince ?? at) : null;
  course.wasHealthy ||= course.healthySince !== null;
  const progress = seen.progress?.text ?? null;
  if (progress === null || progress === course.progress) return;
  if (course.progress !== null) course.extensions += 1;
  course.progress = progress;
  course.limitFrom = at;
}

function reasonToGiveUp(course: Course, limits: Limits, seen: Look): UnhealthyReason | null {
  if (course.wrongSince !== null && secondsSince(course.wrongSince) >= Math.max(limits.settle, wrongBuildLeast)) return 'wrong-build';
  const over =
    secondsSince(course.began) >= limits.atMost || (course.healthySince === null && secondsSince(course.limitFrom) >= limits.within);
  if (!over) return null;
  if (course.healthySince === null && seen.ready) return 'wrong-build';
  return course.wasHealthy ? 'unhealthy-after-healthy' : 'timeout';
}

/** Two spellings of one release: `v1.2.0` and `1.2.0`. */
function isSameRelease(one: string, other: string): boolean {
  return one.replace(/^v(?=\d)/, '') === other.replace(/^v(?=\d)/, '');
}

/** Tells what is waited for, once for each change. The fraction leaves its last tenth to the time of settling and never goes back. */
function tell(course: Course, seen: Look, limits: Limits, options: AwaitHealthyOptions): void {
  const settled =
    course.healthySince === null ? null : limits.settle === 0 ? 1 : Math.min(1, secondsSince(course.healthySince) / limits.settle);
  const reached = settled === null ? (seen.progress?.fraction ?? 0) * 0.9 : 0.9 + settled * 0.1;
  const fraction = Math.max(course.told.fraction, Math.round(reached * 1000) / 1000);
  const detail = settled === null ? waitingFor(seen, options) : `healthy; watched for ${options.spec.settle}`;
  if (detail === course.told.detail && fraction === course.told.fraction) return;
  course.told = { detail, fraction };
  if (fraction > 0) options.onProgress?.(detail, fraction);
  else options.onProgress?.(detail);
}

function waitingFor(seen: Look, options: AwaitHealthyOptions): string {
  if (seen.ready) return `waiting for ${options.expectRelease}; ${seen.release ?? 'a build that does not tell its release'} answers`;
  if (seen.progress === null) return `waiting: ${seen.problem}`;
  return `working on its start: ${seen.progress.fraction === null ? seen.progress.text : `${Math.round(seen.progress.fraction * 100)} %`}`;
}

function failed(reason: UnhealthyReason, course: Course, options: AwaitHealthyOptions, seen: Look): Failure {
  const took = secondsSince(course.began);
  const expected = options.expectRelease;
  const detail = reason === 'wrong-build' ? null : seen.problem;
  return new Failure(
    'health-failed',
    `${sentence(reason, course, options, seen, took)}${detail === null ? '' : ` Last seen: ${detail}.`}`,
    {
      remedy: { action: 'open-log', text: 'Read its log.', command: 'moult logs' },
      details: {
        reason,
        expected,
        found: seen.release,
        detail: seen.problem,
        wasHealthy: course.wasHealthy,
        progress: course.progress,
        seconds: took,
      },
    },
  );
}

function sentence(reason: UnhealthyReason, course: Course, options: AwaitHealthyOptions, seen: Look, took: number): string {
  const who = options.expectRelease === null ? 'The product' : `Release ${options.expectRelease}`;
  const time = `${Math.round(took * 10) / 10} s`;
  const extended = course.extensions === 0 ? '' : ` (the limit of ${options.spec.within} began again with each progress it reported)`;
  switch (reason) {
    case 'died':
      return course.wasHealthy
        ? `${who} ended ${time} after its start, although it had been healthy.`
        : `${who} ended before it was healthy, ${time} after its start.`;
    case 'wrong-build':
      return seen.release === null
        ? `${who} was started, but ${teller(options)} does not tell its release.`
        : `${who} was started, but ${teller(options)} says it is ${seen.release}.`;
    case 'unhealthy-after-healthy':
      return `${who} was healthy but did not stay so for ${options.spec.settle}, ${time} after its start${extended}.`;
    default:
      return `${who} was not healthy within ${time}${extended}.`;
  }
}

/** What tells the release, for a sentence. */
function teller({ spec, fill }: AwaitHealthyOptions): string {
  return 'url' in spec.build ? `what answers at ${fill(spec.build.url)}` : `its command "${spec.build.command.map(fill).join(' ')}"`;
}

function secondsSince(from: number): number {
  return (ticks() - from) / 1000;
}
