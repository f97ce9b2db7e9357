/** One look at a product's health: what each address answered, and what that says. Nothing is remembered from one look to the next. */
import { run } from '../platform/processes.ts';
import { probe, type ProbeAnswer } from '../platform/probe.ts';
import { valueAtPointer } from '../product/pointer.ts';
import type { HealthSpec } from '../product/schema.ts';

export interface Look {
  /** Every address answered as told. */
  ready: boolean;
  /** What did not answer as told, in words; null when all did. */
  problem: string | null;
  /** The release that the running product says it is; null where it does not say. */
  release: string | null;
  /** The value that changes while the product works on its start; null where there is none. */
  progress: { text: string; fraction: number | null } | null;
}

/** Seconds in which a command must have told the release. */
const commandLimit = 10;

/** What an address answered, or why it did not. */
type Answer = { answer: ProbeAnswer } | { failure: string };

/** Looks once. Each address is asked once however often it is named, so that health and build identity come from the same answer. */
export async function look(
  spec: HealthSpec,
  fill: (text: string) => string,
  options: { limit: number; signal?: AbortSignal; env?: Record<string, string> },
): Promise<Look> {
  const urls = new Set([
    ...spec.ready.map((each) => fill(each.url)),
    ...('url' in spec.build ? [fill(spec.build.url)] : []),
    ...(spec.progress ? [fill(spec.progress.url)] : []),
  ]);
  const answers = new Map<string, Answer>();
  await Promise.all([...urls].map(async (url) => answers.set(url, await answerOf(url, options))));
  const at = (url: string): Answer => answers.get(fill(url)) ?? { failure: 'it was not asked' };
  const problem = spec.ready.map((each) => problemOf(each, fill(each.url), at(each.url))).find((found) => found !== null) ?? null;
  const release =
    'url' in spec.build
      ? releaseOf(spec.build, at(spec.build.url))
      : problem === null
        ? await releaseByCommand(spec.build, fill, options)
        : null;
  return { ready: problem === null, problem, release, progress: progressOf(spec, at) };
}

/** The release that the product's own command tells; asked only of a product that answers. Null where it does not tell. */
async function releaseByCommand(
  build: Extract<HealthSpec['build'], { command: string[] }>,
  fill: (text: string) => string,
  options: { signal?: AbortSignal; env?: Record<string, string> },
): Promise<string | null> {
  const finished = await run(
    build.command.map((part) => fill(part)),
    { limit: commandLimit, ...(options.env && { env: options.env }), ...(options.signal && { signal: options.signal }) },
  ).catch(() => {
    options.signal?.throwIfAborted();
    return null;
  });
  if (finished === null || finished.code !== 0) return null;
  const told = valueAtPointer(parse(finished.stdout), build.pointer);
  return isPlain(told) && String(told).trim() !== '' ? String(told).trim() : null;
}

async function answerOf(url: string, options: { limit: number; signal?: AbortSignal }): Promise<Answer> {
  try {
    return { answer: await probe(url, options) };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { failure: (error as Error).message };
  }
}

function problemOf(wanted: HealthSpec['ready'][number], url: string, given: Answer): string | null {
  if ('failure' in given) return `${url} gave no answer: ${given.failure}`;
  const { status } = given.answer;
  if (!wanted.status.includes(status)) return `${url} answered ${status} where ${wanted.status.join(' or ')} was expected`;
  if (wanted.expect.length === 0) return null;
  const document = parse(given.answer.text);
  if (document === undefined) return `${url} answered something that is not JSON`;
  for (const predicate of wanted.expect) {
    const value = valueAtPointer(document, predicate.pointer);
    const missed = missedBy(predicate, value);
    if (missed !== null) return `${url} says ${show(value)} at ${predicate.pointer} where ${missed} was expected`;
  }
  return null;
}

/** What a value should have been; null when it is as it should be. A predicate without a comparison only asks that something is there. */
function missedBy(predicate: HealthSpec['ready'][number]['expect'][number], value: unknown): string | null {
  if (predicate.equals !== undefined && value !== predicate.equals) return show(predicate.equals);
  if (predicate.matches !== undefined && !(isPlain(value) && new RegExp(predicate.matches).test(String(value))))
    return `a match of /${predicate.matches}/`;
  return value === undefined ? 'a value' : null;
}

/** The release that is told, also by a page that says 503 while it migrates; a redirect to elsewhere tells nothing. */
function releaseOf(build: Extract<HealthSpec['build'], { url: string }>, given: Answer): string | null {
  if ('failure' in given || (given.answer.status >= 300 && given.answer.status < 400)) return null;
  const told =
    build.header === undefined ? valueAtPointer(parse(given.answer.text), build.pointer) : given.answer.headers[build.header.toLowerCase()];
  const text = isPlain(told) ? String(told).trim() : '';
  return text === '' ? null : text;
}

function progressOf(spec: HealthSpec, at: (url: string) => Answer): Look['progress'] {
  if (spec.progress === undefined) return null;
  const given = at(spec.progress.url);
  const value = 'failure' in given ? undefined : valueAtPointer(parse(given.answer.text), spec.progress.pointer);
  if (value === undefined || value === null) return null;
  const fraction = typeof value === 'number' && value >= 0 && value <= 1 ? value : null;
  return { text: typeof value === 'string' ? value.slice(0, 200) : show(value), fraction };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** A value of an answer, short enough for a sentence. */
function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
