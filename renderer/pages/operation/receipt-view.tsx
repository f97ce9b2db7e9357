/** The receipt: what stayed, what changed and how long it took, in words; the hashes that prove it are one press away. */
import { OctagonAlert } from 'lucide-react';
import type { Receipt, ReceiptItem } from '../../../electron/api/models.ts';
import { count } from '../../../electron/api/units.ts';
import { Copyable } from '../../components/copyable.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Bytes, Duration } from '../../components/figures.tsx';
import { Panel } from '../../components/panel.tsx';
import { BeforeAfter } from '../../plan/item-row.tsx';
import { installAddress } from '../../route/route.ts';
import { fateWords, stays } from '../../wording/fates.ts';
import { itemName } from '../../wording/item-name.ts';

export function ReceiptView({ receipt }: { receipt: Receipt }) {
  // What was to be made anew and came out the same has stayed as well.
  const hasStayed = (item: ReceiptItem): boolean => stays(item.fate) || item.unchanged;
  const stayed = receipt.items.filter(hasStayed);
  const changed = receipt.items.filter((item) => !hasStayed(item));
  return (
    <>
      <p>
        It took <Duration seconds={receipt.seconds} />
        {receipt.downtimeSeconds > 0 ? (
          <>
            , and the product was down for <Duration seconds={receipt.downtimeSeconds} />
          </>
        ) : null}
        .
        {receipt.backup === null ? null : (
          <>
            {' '}
            The state before it is in <a href={installAddress(receipt.install, 'backups')}>a backup</a>.
          </>
        )}
      </p>
      {receipt.items.length === 0 ? null : (
        <div className="receipt-lists">
          <Panel title="Stayed" tone="stays">
            <Items items={stayed} />
          </Panel>
          <Panel title="Changed" tone="changes">
            <Items items={changed} />
          </Panel>
        </div>
      )}
      <Disclosure summary="Hashes and times">{() => <Proof receipt={receipt} />}</Disclosure>
    </>
  );
}

function Items({ items }: { items: readonly ReceiptItem[] }) {
  if (items.length === 0) return <p className="quiet">Nothing</p>;
  return (
    <ul>
      {items.map((item) => (
        <li key={item.item} className="receipt-item">
          <strong>{itemName(item.item)}</strong>
          <ItemWords item={item} />
          {item.files === 0 ? null : (
            <span className="quiet small">
              {count(item.files, 'file')}, <Bytes bytes={item.bytes} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function ItemWords({ item }: { item: ReceiptItem }) {
  if (item.fate === 'preserve') {
    return item.unchanged ? (
      <span className="quiet">the same to the byte</span>
    ) : (
      <span className="backup-problem row">
        <OctagonAlert size={16} aria-hidden="true" /> should have stayed, but is different now
      </span>
    );
  }
  if (item.fate === 'keep') return <span className="quiet">not touched</span>;
  return (
    <>
      <span className="quiet">{item.unchanged ? 'as it was' : fateWords[item.fate]}</span>
      <BeforeAfter before={item.before} after={item.after} />
    </>
  );
}

function Proof({ receipt }: { receipt: Receipt }) {
  return (
    <div className="receipt-hashes stack" tabIndex={0} role="region" aria-label="Hashes and times">
      <table>
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
          </tr>
        </thead>
        <tbody>
          {receipt.items.map((item) => (
            <tr key={item.item}>
              <th scope="row">{itemName(item.item)}</th>
              <td>{item.before === null ? '' : <Copyable text={item.before} what={`${item.item} before`} />}</td>
              <td>{item.after === null ? '' : <Copyable text={item.after} what={`${item.item} after`} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ol className="plan-steps small">
        {receipt.steps.map((step) => (
          <li key={step.id}>
            {step.title}: <Duration seconds={step.seconds} />, {step.outcome}
          </li>
        ))}
      </ol>
    </div>
  );
}
