/** The small signs in front of lines. Each differs by shape, so that colour never carries the meaning alone. */
import type { CheckStatus, Fate, Severity } from '../../api/models.ts';
import { type Line, type Span, span, type Style } from '../page.ts';

export const marks = {
  good: span('✓', 'good'),
  warning: span('!', 'warning'),
  bad: span('✗', 'bad'),
  running: span('▸', 'changes'),
  undone: span('↶', 'warning'),
  skipped: span('–', 'quiet'),
  info: span('·', 'quiet'),
} as const satisfies Record<string, Span>;

export const checkMarks: Record<CheckStatus, Span> = { pass: marks.good, warn: marks.warning, fail: marks.bad };
export const severityMarks: Record<Severity, Span> = { info: marks.info, warning: marks.warning, problem: marks.bad };

/** Whether an item with this fate stays as it is; everything else changes. */
export function stays(fate: Fate): boolean {
  return fate === 'preserve' || fate === 'keep';
}

export function fateStyle(fate: Fate): Style {
  if (stays(fate)) return 'stays';
  return fate === 'remove' ? 'bad' : 'changes';
}

export function heading(text: string): Line {
  return [span(text, 'strong')];
}

export function quiet(text: string): Span {
  return span(text, 'quiet');
}

export function strong(text: string): Span {
  return span(text, 'strong');
}

export const emptyLine: Line = [];
