import { useCallback, useEffect, useRef, useState } from 'react';
import stripAnsi from 'strip-ansi';
import type { FailureData } from '../../../../electron/api/failure.ts';
import { visibleLines } from '../../../../electron/api/visible.ts';
import { useStores } from '../../../store/use-stores.ts';

/** Lines at the beginning; milliseconds between two looks; characters that are kept, so that memory stays flat however long it is followed. */
const firstLines = 500;
const lookAgain = 1000;
const mostText = 2_000_000;

export interface Log {
  path: string | null;
  text: string;
  failure: FailureData | null;
  retry: () => void;
}

/** What the product prints, from its last lines on, and more of it while `follow` is on. */
export function useLog(install: string, follow: boolean): Log {
  const { client } = useStores();
  const [log, setLog] = useState<Omit<Log, 'retry'>>({ path: null, text: '', failure: null });
  const end = useRef<number | null>(null);
  const look = useCallback(async (): Promise<void> => {
    const from = end.current;
    const answer = await client.call('logs', from === null ? { install, lines: firstLines } : { install, from });
    if (!answer.ok) return setLog((before) => ({ ...before, failure: answer.error }));
    const chunk = answer.result;
    end.current = chunk.end;
    // Colours are for terminals; whatever else one would obey is seen as a code. Piece by piece: all of it each second would take too long.
    const text = visibleLines(stripAnsi(chunk.text));
    // A smaller end than before: the log was rotated, what comes is a new one.
    const begins = from === null || chunk.end < from;
    setLog((before) =>
      text === '' && !begins && before.failure === null
        ? before
        : { path: chunk.path, text: `${begins ? '' : before.text}${text}`.slice(-mostText), failure: null },
    );
  }, [client, install]);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = async (): Promise<void> => {
      await look();
      if (!isOver && follow) timer = setTimeout(() => void again(), lookAgain);
    };
    void again();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [look, follow]);
  return { ...log, retry: () => void look() };
}
