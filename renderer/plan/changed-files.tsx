/** The files that differ from the backup, to search in and to choose from. */
import { useDeferredValue, useState } from 'react';
import type { ComparedFile, Comparison } from '../../electron/api/models.ts';
import { count } from '../../electron/api/units.ts';
import { visible } from '../../electron/api/visible.ts';
import { Bytes } from '../components/figures.tsx';
import { TextField } from '../components/text-field.tsx';
import { VirtualList } from '../components/virtual-list.tsx';
import { useFresh, useStores } from '../store/use-stores.ts';
import { type Chosen, toggled } from './chosen.ts';

/** Pixels of a row: a checkbox that a finger can hit, on the 4-pixel grid. */
const rowHeight = 32;

interface ChangedFilesParts {
  comparison: Comparison;
  question: { install: string; input?: string };
  chosen: Chosen | undefined;
  onChoose: ((chosen: Chosen) => void) | undefined;
}

export function ChangedFiles({ comparison, question, chosen, onChoose }: ChangedFilesParts) {
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim());
  // Only where not all of them came along the engine has to look again.
  const isCut = comparison.matches > comparison.files.length;
  const found = useFresh(useStores().comparisons, isCut && wanted !== '' ? { ...question, search: wanted } : null);
  const all = found.value?.files ?? comparison.files;
  const rows = all.filter((file) => file.file.toLowerCase().includes(wanted.toLowerCase()));
  const locked = new Set(comparison.items.filter((item) => item.together !== null).map((item) => item.item));
  const rest = (found.value?.matches ?? comparison.matches) - all.length;
  return (
    <div className="stack-tight">
      <TextField label="Search in the files" type="search" value={search} onChange={setSearch} isPath />
      <VirtualList rows={rows} height={rowHeight} label="Files that differ">
        {(file) => (
          <FileRow
            file={file}
            isChosen={chosen?.files.has(file.file) === true || chosen?.items.has(file.item) === true}
            isFree={chosen !== undefined && !chosen.items.has(file.item) && file.change !== 'added' && !locked.has(file.item)}
            isChoosing={chosen !== undefined}
            onChoose={(isOn) => chosen && onChoose?.({ ...chosen, files: toggled(chosen.files, file.file, isOn) })}
          />
        )}
      </VirtualList>
      <p className="quiet small" role="status">
        {count(rows.length, 'file')}
        {wanted === '' ? '' : ' found'}
        {rest > 0 ? `, and ${rest} more: search to see them` : ''}
      </p>
    </div>
  );
}

interface FileRowParts {
  file: ComparedFile;
  isChosen: boolean;
  isFree: boolean;
  isChoosing: boolean;
  onChoose: (isOn: boolean) => void;
}

function FileRow({ file, isChosen, isFree, isChoosing, onChoose }: FileRowParts) {
  const words = (
    <>
      <span className={`file-${file.change}`}>{file.change}</span>
      <code>
        <bdi>{visible(file.file)}</bdi>
      </code>
      <Bytes bytes={file.change === 'removed' ? file.was : file.bytes} />
    </>
  );
  if (!isChoosing)
    return (
      <div className="file-row" title={visible(file.path)}>
        {words}
      </div>
    );
  // What was added since is not in the backup: there is nothing to put back.
  return (
    <label className="file-row file-choice" title={visible(file.change === 'added' ? `${file.path} is not in the backup` : file.path)}>
      <input
        type="checkbox"
        checked={isChosen && file.change !== 'added'}
        disabled={!isFree}
        onChange={(event) => onChoose(event.target.checked)}
      />
      {words}
    </label>
  );
}
