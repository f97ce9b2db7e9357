import { ArrowRight } from 'lucide-react';
import type { PlanItem } from '../../electron/api/models.ts';
import { count, grouped } from '../../electron/api/units.ts';
import { CopyablePath } from '../components/copyable.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Bytes } from '../components/figures.tsx';
import { isHash } from '../format/hash.ts';
import { fateMeanings, fateWords, stays } from '../wording/fates.ts';
import { FileList } from './file-list.tsx';

/** One item of a plan: what it is, what happens to it, where it is. */
export function ItemRow({ item }: { item: PlanItem }) {
  return (
    <li className="item">
      <div className="item-head">
        <h3 title={item.what}>{item.title}</h3>
        <span className={`item-fate item-fate-${item.fate}`} title={fateMeanings[item.fate]}>
          {fateWords[item.fate]}
        </span>
        {item.files === 0 ? null : (
          <span className="quiet small">
            {count(item.files, 'file')}, <Bytes bytes={item.bytes} />
          </span>
        )}
      </div>
      {/* Of what stays, the fate says all there is to say. */}
      {stays(item.fate) || item.after === fateWords[item.fate] ? null : <BeforeAfter before={item.before} after={item.after} />}
      {item.paths.map((path) => (
        <span key={path} className="item-paths">
          <CopyablePath path={path} />
        </span>
      ))}
      {item.note === null ? null : <p className="quiet small">{item.note}</p>}
      {item.list.length === 0 ? null : (
        <Disclosure summary={summaryOf(item)}>
          {() => <FileList files={item.list} all={item.files} paths={item.paths} label={`Files of ${item.title}`} />}
        </Disclosure>
      )}
    </li>
  );
}

/** A plan lists the first 10,000 of an item; it says so before somebody looks for the rest. */
function summaryOf({ list, files }: PlanItem): string {
  if (files > list.length) return `Show ${grouped(list.length)} of ${count(files, 'file')}`;
  return list.length === 1 ? 'Show the file' : `Show the ${count(list.length, 'file')}`;
}

/** `1.2.0 → 2.0.0`. Hashes say nothing to a person, and "unchanged → unchanged" says it once too often. */
export function BeforeAfter({ before, after }: { before: string | null; after: string | null }) {
  const shownBefore = isHash(before) ? null : before;
  const shownAfter = isHash(after) ? null : after;
  if (shownBefore === null && shownAfter === null) return null;
  if (shownBefore === null || shownBefore === shownAfter) return <p className="item-change">{shownAfter}</p>;
  return (
    <p className="item-change">
      <span className="before">{shownBefore}</span>
      <ArrowRight size={14} aria-label="becomes" role="img" />
      <span className="after">{shownAfter ?? 'nothing'}</span>
    </p>
  );
}
