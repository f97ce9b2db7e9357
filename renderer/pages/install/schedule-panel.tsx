/** When an install is backed up by itself, what stays of it, and how it is kept proven. */
import { useState } from 'react';
import type { FailureData } from '../../../electron/api/failure.ts';
import type { MethodInput } from '../../../electron/api/methods.ts';
import type { Status } from '../../../electron/api/models.ts';
import type { Schedule, ScheduleState } from '../../../electron/api/protection.ts';
import { humanBytes, parseBytes } from '../../../electron/api/units.ts';
import { usualSchedule } from '../../../electron/api/usual-schedule.ts';
import { Button } from '../../components/button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Bytes, Until } from '../../components/figures.tsx';
import { Form } from '../../components/form.tsx';
import { Notice } from '../../components/notice.tsx';
import { Panel } from '../../components/panel.tsx';
import { SelectField } from '../../components/select-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import { WhenLoaded } from '../../components/waiting.tsx';
import { useFresh, useStores } from '../../store/use-stores.ts';
import { DoWhatIsDue, Retention } from './retention.tsx';

export function SchedulePanel({ status }: { status: Status }) {
  const { install } = status;
  const { schedules } = useStores();
  const state = useFresh(schedules, { install });
  return (
    <Panel title="Scheduled backups">
      <WhenLoaded loaded={state} waiting="Reading the schedule …" install={install} onRetry={() => void schedules.load({ install })}>
        {(known) => (
          <>
            <ScheduleForm key={known.schedule?.since ?? 'none'} state={known} />
            {known.schedule === null ? null : (
              <>
                <DoWhatIsDue install={install} />
                <Disclosure summary="Remove what it does not keep">{() => <Retention install={install} />}</Disclosure>
              </>
            )}
          </>
        )}
      </WhenLoaded>
    </Panel>
  );
}

type Change = NonNullable<MethodInput<'setSchedule'>['schedule']>;

/** What can be chosen, as text. */
interface Wish {
  every: string;
  from: string;
  to: string;
  weekday: string;
  last: string;
  daily: string;
  weekly: string;
  monthly: string;
  drill: string;
  readBack: string;
  reserve: string;
}

function ScheduleForm({ state }: { state: ScheduleState }) {
  const { client, schedules, statuses } = useStores();
  const { install, schedule } = state;
  const before = wishOf(schedule ?? usualSchedule, schedule === null);
  const [wish, setWish] = useState(before);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureData | null>(null);
  const set = (part: Partial<Wish>): void => setWish((now) => ({ ...now, ...part }));
  const isOff = wish.every === 'off';
  const isSame = JSON.stringify(wish) === JSON.stringify(before) || (isOff && schedule === null);
  const save = async (): Promise<void> => {
    setBusy(true);
    const answer = await client.call('setSchedule', { install, schedule: isOff ? null : changeOf(wish) });
    setFailure(answer.ok ? null : answer.error);
    if (answer.ok) await Promise.all([schedules.load({ install }), statuses.load({ install })]);
    setBusy(false);
  };
  return (
    <Form onSubmit={() => void save()} failure={failure} install={install}>
      <HowItStands state={state} />
      <div className="fields">
        <SelectField label="Back up" value={wish.every} onChange={(every) => set({ every })} options={everyOptions} />
        {wish.every === 'week' ? (
          <SelectField label="On" value={wish.weekday} onChange={(weekday) => set({ weekday })} options={weekdayOptions} />
        ) : null}
      </div>
      {isOff ? null : <Details wish={wish} set={set} />}
      <div className="row">
        <Button type="submit" busy={busy} disabled={isSame}>
          {isOff ? 'Switch it off' : 'Set the schedule'}
        </Button>
      </div>
    </Form>
  );
}

function HowItStands({ state }: { state: ScheduleState }) {
  const { schedule, next, missed, space } = state;
  const problem = state.last?.problem ?? null;
  if (schedule === null)
    return <p className="quiet">Nothing is backed up by itself. Before each upgrade and restore it is, in any case.</p>;
  return (
    <>
      {missed === null ? null : (
        <Notice tone="changes" title="A backup was missed">
          <p>It is caught up with as soon as nothing else runs{problem === null ? '' : `. The last try failed: ${problem}`}.</p>
        </Notice>
      )}
      <p className="quiet" role="status">
        {missed !== null || next === null ? null : (
          <>
            Next backup <Until time={next} />.{' '}
          </>
        )}
        It needs at most <Bytes bytes={space.needed} />; <Bytes bytes={space.free} /> are free. It runs while this app or{' '}
        <code>moult serve</code> runs; what was missed is caught up with.
      </p>
    </>
  );
}

function Details({ wish, set }: { wish: Wish; set: (part: Partial<Wish>) => void }) {
  return (
    <>
      <div className="fields">
        <TextField label="Not before" type="time" required value={wish.from} onChange={(from) => set({ from })} />
        <TextField label="Missed after" type="time" required value={wish.to} onChange={(to) => set({ to })} />
      </div>
      <fieldset className="keep-fields">
        <legend>Keep</legend>
        <div className="fields">
          <Count label="The newest" least={1} value={wish.last} onChange={(last) => set({ last })} />
          <Count label="Days" value={wish.daily} onChange={(daily) => set({ daily })} />
          <Count label="Weeks" value={wish.weekly} onChange={(weekly) => set({ weekly })} />
          <Count label="Months" value={wish.monthly} onChange={(monthly) => set({ monthly })} />
        </div>
        <p className="quiet small">
          One for each day, week and month. The last proven one, those that a way back needs and those that you asked for always stay.
        </p>
      </fieldset>
      <div className="fields">
        <SelectField
          label="Try a backup on a copy"
          hint="A drill proves that the product runs on it."
          value={wish.drill}
          onChange={(drill) => set({ drill })}
          options={drillOptions}
        />
        <TextField
          label="Read back a day"
          hint="Of the older backups, so that a bad disk is noticed. 0 for nothing."
          required
          pattern={sizePattern}
          value={wish.readBack}
          onChange={(readBack) => set({ readBack })}
        />
        <TextField
          label="Always stays free"
          hint="Where the backups are."
          required
          pattern={sizePattern}
          value={wish.reserve}
          onChange={(reserve) => set({ reserve })}
        />
      </div>
    </>
  );
}

function Count({ label, value, onChange, least = 0 }: { label: string; value: string; onChange: (value: string) => void; least?: number }) {
  return <TextField label={label} type="number" required min={least} max={1000} step={1} value={value} onChange={onChange} />;
}

const sizePattern = String.raw`\d+(?:\.\d+)?\s*(?:[KMGTPkmgtp]?i?[Bb])?`;

const everyOptions = [
  { value: 'off', text: 'Never by itself' },
  { value: 'day', text: 'Every day' },
  { value: 'week', text: 'Every week' },
  { value: 'change', text: 'Every day, when something was changed' },
];

const weekdayOptions = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'].map((text, index) => ({
  value: String(index),
  text,
}));

const drillOptions = [
  { value: 'each', text: 'After every backup' },
  { value: 'week', text: 'Once a week' },
  { value: 'never', text: 'Never' },
];

function wishOf({ every, window, weekday, keep, drill, readBack, reserve }: Omit<Schedule, 'since'>, isOff: boolean): Wish {
  return {
    every: isOff ? 'off' : every,
    ...window,
    weekday: String(weekday),
    last: String(keep.last),
    daily: String(keep.daily),
    weekly: String(keep.weekly),
    monthly: String(keep.monthly),
    drill,
    readBack: humanBytes(readBack),
    reserve: humanBytes(reserve),
  };
}

function changeOf(wish: Wish): Change {
  return {
    every: wish.every as Schedule['every'],
    window: { from: wish.from, to: wish.to },
    weekday: Number(wish.weekday),
    keep: { last: Number(wish.last), daily: Number(wish.daily), weekly: Number(wish.weekly), monthly: Number(wish.monthly) },
    drill: wish.drill as Schedule['drill'],
    readBack: parseBytes(wish.readBack) ?? usualSchedule.readBack,
    reserve: parseBytes(wish.reserve) ?? usualSchedule.reserve,
  };
}
