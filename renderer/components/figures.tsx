/** Bytes, times and durations in human units, with the exact figure on hover. */
import { useEffect, useState } from 'react';
import { humanBytes, humanSeconds } from '../../electron/api/units.ts';
import { exactBytes } from '../format/numbers.ts';
import { agoWords, exactTime, untilWords } from '../format/time.ts';

export function Bytes({ bytes }: { bytes: number }) {
  return (
    <data value={bytes} title={exactBytes(bytes)}>
      {humanBytes(bytes)}
    </data>
  );
}

export function Duration({ seconds }: { seconds: number }) {
  return (
    <data value={seconds} title={`${seconds} seconds`}>
      {humanSeconds(seconds)}
    </data>
  );
}

export function Ago({ time }: { time: string }) {
  return (
    <time dateTime={time} title={exactTime(time)}>
      {agoWords(time, useNow())}
    </time>
  );
}

export function Until({ time }: { time: string }) {
  return (
    <time dateTime={time} title={exactTime(time)}>
      {untilWords(time, useNow())}
    </time>
  );
}

/** Words like `5 minutes ago` grow old: they are looked at again this often, in milliseconds. */
const lookAgain = 30_000;

export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), lookAgain);
    return () => clearInterval(timer);
  }, []);
  return now;
}
