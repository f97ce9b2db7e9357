/** Releases and backups on one line of time: what ran when, and to which points one can go back. */
import type { Backup } from '../../../../electron/api/models.ts';
import { count } from '../../../../electron/api/units.ts';
import { exactTime, shortTime } from '../../../format/time.ts';
import { useLoaded, useStores } from '../../../store/use-stores.ts';
import { verdictWords } from '../../../wording/states.ts';
import { placeOnLine, type ReleaseSpan, releaseSpans } from './timeline-places.ts';

/** Pixels. Across, everything stands at a share of the width, so that shapes and words keep their size on any page. */
const height = 72;
const bandTop = 4;
const bandHeight = 26;
const dotTop = 54;

/** Shares of the width under which a release has no room for its name: on any page, and on a narrow one. */
const narrow = { always: 0.06, onSmall: 0.22 };

export function Timeline({ install, backups }: { install: string; backups: readonly Backup[] }) {
  const history = useLoaded(useStores().history, { install });
  const now = Date.now();
  const first = Math.min(...backups.map((backup) => Date.parse(backup.at)));
  const spans = releaseSpans(history.value ?? [], backups, now);
  const start = Math.min(first, ...spans.map((span) => span.from));
  const at = (time: number): number => placeOnLine(time, start, now);
  return (
    <figure className="timeline">
      <svg height={height} role="img" aria-label={`${count(backups.length, 'backup')} since ${shortTime(new Date(start).toISOString())}`}>
        {spans.map((span, index) => (
          <Band key={span.from} span={span} left={at(span.from)} right={at(span.to)} isEven={index % 2 === 0} />
        ))}
        <line className="timeline-line" x1="0" x2="100%" y1={dotTop} y2={dotTop} />
        {backups.map((backup) => (
          <Dot key={backup.id} backup={backup} place={at(Date.parse(backup.at))} />
        ))}
      </svg>
      <figcaption className="timeline-ends small quiet">
        <span>{shortTime(new Date(start).toISOString())}</span>
        <span className="timeline-legend" aria-hidden="true">
          {legend.map((verdict) => (
            <span key={verdict}>
              <Legend verdict={verdict} /> {verdict}
            </span>
          ))}
        </span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}

function Band({ span, left, right, isEven }: { span: ReleaseSpan; left: number; right: number; isEven: boolean }) {
  const share = right - left;
  return (
    <svg x={percent(left)} y={bandTop} width={percent(Math.max(0.002, share))} height={bandHeight}>
      <title>{`${span.release} from ${exactTime(new Date(span.from).toISOString())}`}</title>
      <rect className={isEven ? 'timeline-band' : 'timeline-band timeline-band-odd'} width="100%" height={bandHeight} rx="4" />
      {share > narrow.always ? (
        <text className={share > narrow.onSmall ? 'timeline-release' : 'timeline-release timeline-release-short'} x="10" y="18">
          {span.release}
        </text>
      ) : null}
    </svg>
  );
}

/** Verdicts differ by shape: a full dot, a ring, a cross. */
function Dot({ backup, place }: { backup: Backup; place: number }) {
  return (
    <svg className={`timeline-dot timeline-${backup.verdict}`} x={percent(place)} y={dotTop} width="1" height="1">
      <title>{`${exactTime(backup.at)}: ${verdictWords[backup.verdict].text}`}</title>
      <Shape verdict={backup.verdict} x={0} y={0} />
    </svg>
  );
}

const legend: readonly Backup['verdict'][] = ['proven', 'unproven', 'bad'];

function Legend({ verdict }: { verdict: Backup['verdict'] }) {
  return (
    <svg className={`timeline-dot timeline-${verdict}`} width="16" height="16" viewBox="0 0 16 16">
      <Shape verdict={verdict} x={8} y={8} />
    </svg>
  );
}

function Shape({ verdict, x, y }: { verdict: Backup['verdict']; x: number; y: number }) {
  if (verdict === 'bad') return <path d={`M${x - 5} ${y - 5}l10 10m0 -10l-10 10`} />;
  return <circle cx={x} cy={y} r={6} />;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
