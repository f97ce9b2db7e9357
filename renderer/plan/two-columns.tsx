/**
 * The picture people remember: what stays, what changes. Every item with its place, its size and how it is before and after; each opens
 * to its files. Refuses to hide anything: what belongs to nobody is listed too, as kept.
 */
import type { ActionKind, Plan, PlanItem } from '../../electron/api/models.ts';
import { count } from '../../electron/api/units.ts';
import { ChangesGlyph, StaysGlyph } from '../components/mark.tsx';
import { Bytes } from '../components/figures.tsx';
import { stays } from '../wording/fates.ts';
import { ItemRow } from './item-row.tsx';
import { Strays } from './strays.tsx';
import './two-columns.css';

/** What removes things calls them by what happens to them. */
const removals: ReadonlySet<ActionKind> = new Set(['uninstall', 'purge', 'fresh-start']);

export function TwoColumns({ plan }: { plan: Pick<Plan, 'action' | 'items' | 'strays'> }) {
  const staying = plan.items.filter((item) => stays(item.fate));
  const changing = plan.items.filter((item) => !stays(item.fate));
  return (
    <div className="two-columns">
      <Column kind="stays" title="Stays" items={staying} strays={plan.strays} />
      <Column kind="changes" title={removals.has(plan.action) ? 'Goes' : 'Changes'} items={changing} />
    </div>
  );
}

function Column({
  kind,
  title,
  items,
  strays = [],
}: {
  kind: 'stays' | 'changes';
  title: string;
  items: readonly PlanItem[];
  strays?: Plan['strays'];
}) {
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  const id = `column-${kind}`;
  return (
    <section className={`column column-${kind}`} aria-labelledby={id}>
      <div className="column-head">
        {kind === 'stays' ? <StaysGlyph size={20} /> : <ChangesGlyph size={20} />}
        <h2 id={id}>{title}</h2>
        <span className="quiet small">
          {count(items.length, 'item')}
          {bytes > 0 ? (
            <>
              {', '}
              <Bytes bytes={bytes} />
            </>
          ) : null}
        </span>
      </div>
      {items.length === 0 ? <p className="quiet column-nothing">Nothing</p> : null}
      <ul>
        {items.map((item) => (
          <ItemRow key={item.item} item={item} />
        ))}
        {strays.length > 0 ? <Strays strays={strays} /> : null}
      </ul>
    </section>
  );
}
