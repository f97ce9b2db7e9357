import { setTimeout as wait } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import type { LogChunk } from '../api/models.ts';
import { visibleLines } from '../api/visible.ts';
import { ask, type Context, type Ending, type Given, pick } from './command.ts';

const usualLines = 50;
/** Milliseconds between two looks at the log. */
const interval = 300;

/** The last lines of the log; with `follow` until Ctrl-C or until nobody reads any more. */
export async function showLogs(context: Context, given: Given): Promise<Ending> {
  const install = pick(given, 'install');
  const first = await ask(context, 'logs', { lines: usualLines, ...install, ...pick(given, 'lines') });
  if (given['follow'] !== true) {
    context.screen.printRaw(closed(cleanLog(first.text)));
    return { result: first, lines: [] };
  }
  show(context, first);
  const end = await followLog(context, install, first.end);
  return { result: { path: first.path, end }, lines: [] };
}

async function followLog(context: Context, install: Given, from: number): Promise<number> {
  const stop = new AbortController();
  const ended = AbortSignal.any([stop.signal, context.screen.gone]);
  let end = from;
  await context.interrupts.hold(
    () => stop.abort(),
    async () => {
      while (!ended.aborted) {
        await wait(interval, undefined, { signal: ended }).catch(() => undefined);
        if (ended.aborted) return;
        const next = await ask(context, 'logs', { ...install, from: end });
        show(context, next);
        end = next.end;
      }
    },
  );
  return end;
}

function show({ screen }: Context, chunk: LogChunk): void {
  if (chunk.text === '') return;
  screen.emit({ event: 'log', text: chunk.text });
  screen.printRaw(cleanLog(chunk.text));
}

/** Colours that the product printed are taken away, everything else that a terminal would obey is shown as a code. */
function cleanLog(text: string): string {
  return visibleLines(stripVTControlCharacters(text));
}

function closed(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
