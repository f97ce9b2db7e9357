import type { BackupMade, Exported as ExportedFiles, Verification } from '../../../electron/api/models.ts';
import { count } from '../../../electron/api/units.ts';
import { visible } from '../../../electron/api/visible.ts';
import { VerdictBadge } from '../../components/badge.tsx';
import { Copyable, CopyablePath } from '../../components/copyable.tsx';
import { Bytes, Duration } from '../../components/figures.tsx';
import { Facts, Panel } from '../../components/panel.tsx';

/** The backup that was made. */
export function MadeBackup({ backup, title }: { backup: BackupMade; title: string }) {
  return (
    <Panel title={title} aside={<VerdictBadge verdict={backup.verdict} />}>
      <Facts
        rows={[
          ['File', <CopyablePath key="path" path={backup.path} />],
          [
            'Size',
            <span key="size">
              <Bytes bytes={backup.bytes} />, <Bytes bytes={backup.contentBytes} /> before compression, {count(backup.files, 'file')}
            </span>,
          ],
          [
            'Took',
            <span key="took">
              <Duration seconds={backup.seconds} />
              {backup.downtimeSeconds > 0 ? (
                <>
                  , down for <Duration seconds={backup.downtimeSeconds} />
                </>
              ) : (
                ', without a stop'
              )}
            </span>,
          ],
          ['SHA-256', <Copyable key="hash" text={backup.sha256} what="the hash" />],
        ]}
      />
    </Panel>
  );
}

/** What reading a backup back came to. */
export function Verified({ verification }: { verification: Verification }) {
  return (
    <Panel title="Read back" aside={<VerdictBadge verdict={verification.verdict} />}>
      <p>
        {count(verification.files, 'file')}, <Bytes bytes={verification.bytes} />, in <Duration seconds={verification.seconds} />.
      </p>
      <CopyablePath path={verification.path} />
      <ul className="stack-tight">
        {verification.problems.map((problem) => (
          <li key={problem} className="backup-problem">
            {visible(problem)}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What was written beside the install. */
export function Exported({ exported }: { exported: ExportedFiles }) {
  return (
    <Panel title="The folder">
      <CopyablePath path={exported.path} />
      <p>
        {count(exported.files, 'file')}, <Bytes bytes={exported.bytes} />
        {exported.rows === 0 ? '' : `, ${count(exported.rows, 'row')} of datastores`}.
      </p>
    </Panel>
  );
}
