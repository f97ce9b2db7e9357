import type { PlanFile } from '../../electron/api/models.ts';
import { count } from '../../electron/api/units.ts';
import { Disclosure } from '../components/disclosure.tsx';
import { Bytes } from '../components/figures.tsx';
import { FileList } from './file-list.tsx';

/** Files inside owned folders that belong to nobody. */
export function Strays({ strays }: { strays: readonly PlanFile[] }) {
  const bytes = strays.reduce((sum, file) => sum + file.bytes, 0);
  return (
    <li className="item">
      <div className="item-head">
        <h3>Other files</h3>
        <span className="item-fate">kept</span>
        <span className="quiet small">
          {count(strays.length, 'file')}, <Bytes bytes={bytes} />
        </span>
      </div>
      <p className="quiet small">They are in the home folder but belong to no item. Nothing touches them.</p>
      <Disclosure summary="Show them">{() => <FileList files={strays} all={strays.length} paths={[]} label="Other files" />}</Disclosure>
    </li>
  );
}
