/** `.moult/schedule.json`: the schedule of an install stands beside it, so that it is not lost with Moult's own database. */
import { z } from 'zod';
import { Failure } from '../../api/failure.ts';
import type { Schedule } from '../../api/protection.ts';
import { usualSchedule } from '../../api/usual-schedule.ts';
import { now } from '../platform/clock.ts';
import { privateFile, readTextOrNull, remove, writeDurably } from '../platform/files.ts';
import type { OpenedInstall } from './kit.ts';

const format = 1;
const time = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
const count = z.number().int().min(0);
const scheduleSchema = z.object({
  format: z.literal(format),
  every: z.enum(['day', 'week', 'change']),
  window: z.object({ from: time, to: time }),
  weekday: z.number().int().min(0).max(6),
  keep: z.object({ last: count.min(1), daily: count, weekly: count, monthly: count }),
  drill: z.enum(['each', 'week', 'never']),
  readBack: count,
  reserve: count,
  since: z.iso.datetime(),
});

/** What can be changed of a schedule; what is left out stays, or is as usual. */
export type ScheduleChange = { [Key in Exclude<keyof Schedule, 'since' | 'keep'>]?: Schedule[Key] | undefined } & {
  keep?: { [Key in keyof Schedule['keep']]?: number | undefined } | undefined;
};

/** Null where none is set. `newer-format`, and `bad-config` for one that cannot be understood: a schedule that is silently none protects nobody. */
export async function readSchedule(opened: OpenedInstall): Promise<Schedule | null> {
  const path = opened.folder.schedule;
  const text = await readTextOrNull(path);
  if (text === null) return null;
  const data = parse(text);
  const found = (data as { format?: unknown } | null)?.format;
  if (typeof found === 'number' && found > format) {
    throw new Failure('newer-format', `${path} was written by a newer Moult (format ${found}, this one knows ${format})`, {
      remedy: { action: 'upgrade-moult', text: 'Upgrade Moult.' },
    });
  }
  const parsed = scheduleSchema.safeParse(data);
  if (!parsed.success) {
    throw new Failure('bad-config', `${path} cannot be understood, so nothing is backed up by itself`, {
      remedy: { action: 'edit-config', text: 'Set the schedule anew.', command: `moult schedule ${opened.record.name} --every day` },
    });
  }
  const { format: _format, ...schedule } = parsed.data;
  return schedule;
}

export async function changeSchedule(opened: OpenedInstall, change: ScheduleChange | null): Promise<void> {
  if (change === null) return remove(opened.folder.schedule);
  const before = (await readSchedule(opened).catch(() => null)) ?? { ...usualSchedule, since: now() };
  const { keep, ...rest } = change;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const kept = Object.fromEntries(Object.entries(keep ?? {}).filter(([, value]) => value !== undefined));
  // What was due before under another schedule is not missed under this one.
  const schedule: Schedule = { ...before, ...given, keep: { ...before.keep, ...kept }, since: now() };
  await writeDurably(opened.folder.schedule, `${JSON.stringify({ format, ...schedule }, null, 2)}\n`, privateFile);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
