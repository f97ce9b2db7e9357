/** What was written since a backup: the price of going back to it, item by item, with the rows of datastores, and a way to take it along. */
import { useState } from 'react';
import type { Comparison, ItemComparison, TableComparison } from '../../electron/api/models.ts';
import { Button } from '../components/button.tsx';
import { CheckField } from '../components/check-field.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Ago, Bytes } from '../components/figures.tsx';
import { Form } from '../components/form.tsx';
import { PathField } from '../components/path-field.tsx';
import { useBegin } from '../components/use-begin.ts';
import { WhenLoaded } from '../components/waiting.tsx';
import { useFresh, useStores } from '../store/use-stores.ts';
import { changeWords, tableWords } from '../wording/changes.ts';
import { ChangedFiles } from './changed-files.tsx';
import { type Chosen, toggled } from './chosen.ts';
import { FileRoom } from './file-room.tsx';
import './since-backup.css';

interface SinceBackupParts {
  install: string;
  /** A backup's id or file; without it the one from before the last upgrade. */
  input?: string;
  /** Set while parts are chosen. */
  chosen?: Chosen;
  onChoose?: (chosen: Chosen) => void;
}

export function SinceBackup({ install, input, chosen, onChoose }: SinceBackupParts) {
  const { comparisons } = useStores();
  const question = { install, ...(input !== undefined && { input }) };
  const seen = useFresh(comparisons, question);
  // Rows take longer: the datastore of the backup is unpacked for them.
  const rows = useFresh(comparisons, { ...question, rows: true, limit: 0 });
  return (
    <section className="since" aria-label="Since the backup">
      <h3>Since the backup</h3>
      <WhenLoaded loaded={seen} waiting="Comparing the backup with what is there …" install={install}>
        {(ready) => (
          <>
            <p className="quiet small">
              Made <Ago time={ready.backup.at} />. {changeWords(ready)}
            </p>
            <ul className="since-items">
              {ready.items.map((item) => (
                <ItemSince
                  key={item.item}
                  item={withRows(item, rows.value)}
                  isCounting={rows.loading}
                  chosen={chosen}
                  onChoose={onChoose}
                />
              ))}
            </ul>
            {ready.matches === 0 ? null : (
              <FileRoom isOpen={chosen !== undefined} count={ready.matches}>
                {() => <ChangedFiles comparison={ready} question={question} chosen={chosen} onChoose={onChoose} />}
              </FileRoom>
            )}
          </>
        )}
      </WhenLoaded>
      <Disclosure summary="Export it first">{() => <Export question={question} install={install} />}</Disclosure>
    </section>
  );
}

function ItemSince({
  item,
  isCounting,
  chosen,
  onChoose,
}: {
  item: ItemComparison;
  isCounting: boolean;
  chosen: Chosen | undefined;
  onChoose: SinceBackupParts['onChoose'];
}) {
  const words = (
    <>
      <span className="since-title">{item.title}</span> <Changes item={item} isCounting={isCounting} />
    </>
  );
  const choose = (isOn: boolean): void => {
    if (chosen !== undefined) onChoose?.({ ...chosen, items: toggled(chosen.items, item.item, isOn) });
  };
  return (
    <li>
      {chosen === undefined || item.together !== null ? (
        <div>{words}</div>
      ) : (
        <CheckField checked={chosen.items.has(item.item)} onChange={choose}>
          {words}
        </CheckField>
      )}
      {chosen === undefined || item.together === null ? null : <p className="quiet small">Not alone: {item.together}.</p>}
      <Tables tables={item.tables} problem={item.tablesProblem} />
    </li>
  );
}

function Changes({ item, isCounting }: { item: ItemComparison; isCounting: boolean }) {
  if (item.kind === 'keys') return <span className="quiet small">{item.differs ? 'differs' : 'the same'}</span>;
  if (item.kind === 'datastore') {
    const isSame = item.tables?.every((table) => tableWords(table) === '') === true;
    return <span className="quiet small">{isCounting ? 'counting rows …' : isSame ? 'the same rows' : ''}</span>;
  }
  const parts = (['added', 'changed', 'removed'] as const).filter((change) => item[change].files > 0);
  if (parts.length === 0) return <span className="quiet small">the same</span>;
  return (
    <span className="small">
      {parts.map((change, index) => (
        <span key={change}>
          {index === 0 ? '' : ', '}
          <span className={`file-${change}`}>
            {item[change].files} {change}
          </span>{' '}
          (<Bytes bytes={item[change].bytes} />)
        </span>
      ))}
    </span>
  );
}

function Tables({ tables, problem }: { tables: readonly TableComparison[] | null; problem: string | null }) {
  if (problem !== null) return <p className="quiet small">Its rows cannot be told: {problem}</p>;
  const changed = (tables ?? []).filter((table) => tableWords(table) !== '');
  if (changed.length === 0) return null;
  return (
    <ul className="since-tables small">
      {changed.map((table) => (
        <li key={table.table}>
          <code>{table.table}</code> {tableWords(table)}
        </li>
      ))}
    </ul>
  );
}

function Export({ question, install }: { question: { install: string; input?: string }; install: string }) {
  const [output, setOutput] = useState('');
  const { begin, busy, failure } = useBegin();
  return (
    <Form
      layout="stack-tight"
      onSubmit={() => void begin('export', { ...question, ...(output !== '' && { output }) })}
      failure={failure}
      install={install}
    >
      <p className="quiet small">The files as they are now, and the rows as JSON Lines, in a new folder. Nothing is restored by it.</p>
      <div className="row">
        <PathField label="New folder" choose="chooseFolder" placeholder="beside the backups" value={output} onChange={setOutput} />
        <Button type="submit" busy={busy}>
          Export
        </Button>
      </div>
    </Form>
  );
}

function withRows(item: ItemComparison, rows: Comparison | null): ItemComparison {
  const counted = rows?.items.find((each) => each.item === item.item);
  return counted === undefined ? item : { ...item, tables: counted.tables, tablesProblem: counted.tablesProblem };
}
