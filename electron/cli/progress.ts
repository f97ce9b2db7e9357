/** Draws an operation while it runs: finished steps stay, the step at work and its bar are redrawn below them. */
import type { EngineEvent, Progress, StepState } from '../api/events.ts';
import { truncate } from './layout.ts';
import { type Line, type Span, span } from './page.ts';
import type { Screen } from './screen.ts';
import { humanBytes, humanSeconds } from '../api/units.ts';
import { marks, quiet } from './view/marks.ts';

/** Milliseconds between two drawings; the last one always comes. */
const pause = 80;
const longestBar = 28;

export class ProgressView {
  readonly #screen: Screen;
  #total = 0;
  #ended = 0;
  #title = '';
  #progress: Progress | null = null;
  #drawn = Number.NEGATIVE_INFINITY;
  readonly #begun = new Map<string, number>();

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Takes every event of the operation, in order. */
  readonly take = (event: EngineEvent): void => {
    this.#screen.emit(event);
    switch (event.event) {
      case 'started':
        this.#total = event.steps.length;
        break;
      case 'step':
        this.#step(event.id, event.title, event.state, Date.parse(event.at));
        break;
      case 'progress':
        this.#progress = event.progress;
        this.#draw(false);
        break;
      case 'note':
        this.#screen.print([[event.level === 'warning' ? marks.warning : marks.info, ' ', event.text]]);
        break;
      case 'ended':
        this.#screen.settle();
        break;
      case 'cancelling':
        break;
    }
  };

  #step(id: string, title: string, state: StepState, at: number): void {
    if (state === 'waiting') return;
    if (state === 'running' || state === 'undoing') {
      this.#begun.set(id, at);
      this.#title = state === 'undoing' ? `Undoing: ${title}` : title;
      // The share is of the whole; bytes, rate and time are of the step that ended.
      if (this.#progress !== null) this.#progress = { fraction: this.#progress.fraction, step: id };
      this.#draw(true);
      return;
    }
    this.#ended += state === 'undone' ? 0 : 1;
    const seconds = (at - (this.#begun.get(id) ?? at)) / 1000;
    const time = seconds >= 0.1 ? quiet(`  ${humanSeconds(seconds)}`) : '';
    this.#screen.settle();
    this.#screen.print([[endMarks[state], ' ', title, endWords[state], time]]);
  }

  #draw(now: boolean): void {
    const time = performance.now();
    if (!now && time - this.#drawn < pause) return;
    this.#drawn = time;
    const width = this.#screen.width - 4;
    const number = this.#total === 0 ? '' : ` (${Math.min(this.#ended + 1, this.#total)} of ${this.#total})`;
    const title: Line = [marks.running, ' ', truncate(this.#title, width - number.length), quiet(number)];
    const bar = this.#progress === null ? [] : [barLine(this.#progress, width)];
    this.#screen.draw([title, ...bar]);
  }
}

/** The bar, the share, bytes, rate, time left, and what is being done now, as far as they fit. */
export function barLine(progress: Progress, width: number): Line {
  const share = Math.min(1, Math.max(0, progress.fraction));
  const cells = Math.min(longestBar, Math.floor(width / 3));
  const filled = Math.round(share * cells);
  const bar: Span = span(`${'█'.repeat(filled)}${'░'.repeat(cells - filled)}`, 'stays');
  const facts = [
    `${Math.floor(share * 100)} %`,
    progress.bytes === undefined
      ? ''
      : progress.totalBytes === undefined
        ? humanBytes(progress.bytes)
        : `${humanBytes(progress.bytes)} of ${humanBytes(progress.totalBytes)}`,
    progress.rate === undefined ? '' : `${humanBytes(progress.rate)}/s`,
    progress.left === undefined ? '' : `${humanSeconds(progress.left)} left`,
    progress.detail ?? '',
  ];
  const text = facts.filter((fact) => fact !== '').join('  ');
  return ['  ', bar, ' ', truncate(text, width - cells - 3)];
}

type EndedState = Exclude<StepState, 'waiting' | 'running' | 'undoing'>;

const endMarks: Record<EndedState, Span> = { done: marks.good, failed: marks.bad, undone: marks.undone, skipped: marks.skipped };
const endWords: Record<EndedState, string> = { done: '', failed: ', failed', undone: ', undone', skipped: ', not needed' };
