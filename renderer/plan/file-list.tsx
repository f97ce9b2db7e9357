import type { PlanFile } from '../../electron/api/models.ts';
import { count } from '../../electron/api/units.ts';
import { visible } from '../../electron/api/visible.ts';
import { Bytes } from '../components/figures.tsx';
import { VirtualList } from '../components/virtual-list.tsx';
import { fileWords } from '../wording/fates.ts';

/** Pixels of a row: a line of small text on the 4-pixel grid. */
const rowHeight = 28;

/** The files of an item. `all` counts also those behind the first 10,000, which a plan does not list. */
export function FileList({
  files,
  all,
  paths,
  label,
}: {
  files: readonly PlanFile[];
  all: number;
  paths: readonly string[];
  label: string;
}) {
  return (
    <>
      <VirtualList rows={files} height={rowHeight} label={label}>
        {(file) => (
          <div className="file-row" title={visible(file.path)}>
            <span className={`file-${file.change}`}>{fileWords[file.change]}</span>
            <code>
              <bdi>{visible(withinItem(file.path, paths))}</bdi>
            </code>
            <Bytes bytes={file.bytes} />
          </div>
        )}
      </VirtualList>
      {all > files.length ? <p className="quiet small">and {count(all - files.length, 'file')} more</p> : null}
    </>
  );
}

/** The path below the item's own, which stands above the list already. */
function withinItem(path: string, paths: readonly string[]): string {
  const parent = paths.find((each) => path.startsWith(`${each}/`) || path.startsWith(`${each}\\`));
  return parent === undefined ? path : path.slice(parent.length + 1);
}
