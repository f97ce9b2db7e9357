/** How long a page's main thread is busy at a time: what a person feels as a page that hangs. */
import type { Page } from 'playwright-core';

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds of the processor. */
  tdur?: number;
  args?: { name?: string };
}

/**
 * The longest task of the page's main thread while something is done, in milliseconds. It is the processor's time that it took, which
 * nothing else on the machine can lengthen.
 */
export async function longestTask(page: Page, during: () => Promise<void>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel', '__metadata'], excludedCategories: ['*'] } });
  await during();
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const main = new Set(events.filter(({ args }) => args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = events.filter(({ name, pid, tid }) => name === 'ThreadControllerImpl::RunTask' && main.has(`${pid} ${tid}`));
  // A trace without times would hold every bar.
  if (tasks.length < fewest || tasks.every(({ tdur }) => tdur === undefined)) throw new Error('the trace tells of no tasks');
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

/** A page that does anything runs more tasks than this. */
const fewest = 30;
