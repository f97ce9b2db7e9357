/** A failure in three parts: what happened, what state things are in now, what to do. */
import { type FailureData, type FailureGroup, groupOf, lastLines, type Remedy } from '../../api/failure.ts';
import type { EndState, OperationOutcome } from '../../api/models.ts';
import { wrap } from '../layout.ts';
import { cleanLines, type Line, span } from '../page.ts';
import { marks, quiet } from './marks.ts';

/** What is known about how far things went when the failure came. */
export interface Aftermath {
  /** Whether an operation had begun. */
  begun: boolean;
  outcome: OperationOutcome | null;
}

/** Of what a product printed last. */
const shownLines = 8;

export function failureLines(failure: FailureData, aftermath: Aftermath, width: number): Line[] {
  const [first = '', ...more] = cleanLines(failure.message);
  const mark = groupOf(failure.code) === 'cancelled' ? marks.skipped : marks.bad;
  const lines: Line[] = [[mark, ' ', first], ...more.map((text): Line => ['  ', text])];
  const cause = failure.cause !== undefined && !failure.message.includes(failure.cause.message) ? cleanLines(failure.cause.message) : [];
  lines.push(...cause.map((text): Line => ['  ', quiet(text)]));
  // The line that tells is in the message of what failed in earnest; who rehearses wants to find out why.
  if (failure.code === 'rehearsal-failed')
    lines.push(
      ...lastLines(failure)
        .slice(-shownLines)
        .map((text): Line => ['  │ ', quiet(cleanLines(text)[0] ?? '')]),
    );
  if (failure.code === 'internal') lines.push(['  ', quiet('This is a mistake in Moult itself.')]);
  const state = stateWords(failure, aftermath);
  if (state !== null) lines.push(['  ', span(state, 'strong')]);
  if (failure.remedy !== undefined) lines.push(...remedyLines(failure.remedy).map((line): Line => ['  ', ...line]));
  return lines.flatMap((line) => wrap(line, width, 2));
}

/** The way out, and the command that takes it. */
export function remedyLines(remedy: Remedy): Line[] {
  return [['→ ', remedy.text], ...(remedy.command === undefined ? [] : [['  ', span(remedy.command, 'stays')] as Line])];
}

const endStateWords: Record<EndState, string> = {
  'new-and-healthy': 'The new state stands, and the product is healthy.',
  'old-and-healthy': 'Everything is as it was before, and the product is healthy.',
  'old-and-stopped': 'Everything is as it was before; the product is stopped, as it was found.',
  done: '',
  'stopped-and-kept': 'The product is stopped. Every byte of it is kept.',
};

const groupWords: Record<FailureGroup, string> = {
  usage: '',
  refused: 'Nothing was touched.',
  failed: '',
  'rolled-back': endStateWords['old-and-healthy'],
  interrupted: 'Nothing else is done with it until that is finished or undone.',
  cancelled: '',
};

function stateWords(failure: FailureData, { begun, outcome }: Aftermath): string | null {
  if (outcome?.action === 'verify') return groupWords.refused;
  const endState = outcome?.endState ?? endStateOf(failure);
  if (endState !== null && endStateWords[endState] !== '') return endStateWords[endState];
  const group = groupOf(failure.code);
  if (!begun && (group === 'cancelled' || group === 'failed')) return 'Nothing was touched.';
  return groupWords[group] === '' ? null : groupWords[group];
}

function endStateOf(failure: FailureData): EndState | null {
  const named = failure.details?.['endState'];
  return typeof named === 'string' && Object.hasOwn(endStateWords, named) ? (named as EndState) : null;
}
