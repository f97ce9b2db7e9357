import { FileDown } from 'lucide-react';
import { useState } from 'react';
import type { Status } from '../../../../electron/api/models.ts';
import { visibleLines } from '../../../../electron/api/visible.ts';
import { Button } from '../../../components/button.tsx';
import { CopyButton } from '../../../components/copyable.tsx';
import { Panel } from '../../../components/panel.tsx';
import { useStores } from '../../../store/use-stores.ts';
import { writeReport } from './report.ts';

/** A report to send with a problem: shown first, saved or copied only then. */
export function ReportPanel({ status }: { status: Status }) {
  const stores = useStores();
  const [report, setReport] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const write = async (): Promise<void> => {
    setBusy(true);
    const operations = Object.values(stores.operations.store.getState().operations).filter((each) => each.install === status.install);
    setReport(await writeReport(stores.client, { install: status.install, face: navigator.userAgent, operations }));
    setBusy(false);
  };
  return (
    <Panel title="Report a problem">
      <p className="quiet">
        Versions, plan, checks, findings, history and the end of the log, with secrets taken out. Nothing is sent; read it, then save it.
      </p>
      <div className="row">
        <Button busy={busy} onClick={() => void write()}>
          {report === null ? 'Write a report' : 'Write it anew'}
        </Button>
        {report === null ? null : (
          <>
            <Button icon={<FileDown size={16} aria-hidden="true" />} onClick={() => save(report, `moult-report-${status.install}.txt`)}>
              Save it
            </Button>
            <CopyButton text={report} what="the report" />
          </>
        )}
      </div>
      {report === null ? null : (
        <pre className="report" tabIndex={0} role="region" aria-label="The report">
          {visibleLines(report)}
        </pre>
      )}
    </Panel>
  );
}

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken the blob over once the click is handled.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
