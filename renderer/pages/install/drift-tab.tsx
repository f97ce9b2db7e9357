/** What differs from what should be, what was expected, and every way out. What could not be looked at is said to be unknown, never fine. */
import { CircleHelp, ScanSearch } from 'lucide-react';
import type { Remedy } from '../../../electron/api/failure.ts';
import type { DriftReport, Finding } from '../../../electron/api/models.ts';
import { count } from '../../../electron/api/units.ts';
import { visible, visibleLines } from '../../../electron/api/visible.ts';
import { SeverityBadge } from '../../components/badge.tsx';
import { Button, ButtonLink } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { Notice } from '../../components/notice.tsx';
import { Facts, Panel } from '../../components/panel.tsx';
import { WhenLoaded } from '../../components/waiting.tsx';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { remedyAddress } from '../../wording/failures.ts';
import { itemName } from '../../wording/item-name.ts';
import './drift-tab.css';

const order = ['problem', 'warning', 'info'] as const;

export function DriftTab({ install }: { install: string }) {
  const { drift } = useStores();
  const report = useLoaded(drift, { install });
  const look = (): void => void drift.load({ install });
  return (
    <>
      <div className="row spread">
        <p className="quiet">Schema, migrations, shipped files, configuration and runtime, compared with what they should be.</p>
        <Button busy={report.loading} icon={<ScanSearch size={16} aria-hidden="true" />} onClick={look}>
          Look again
        </Button>
      </div>
      <WhenLoaded loaded={report} waiting="Comparing what is with what should be …" install={install} onRetry={look}>
        {(ready) => <Report report={ready} />}
      </WhenLoaded>
    </>
  );
}

function Report({ report }: { report: DriftReport }) {
  const findings = order.flatMap((severity) => report.findings.filter((finding) => finding.severity === severity));
  return (
    <>
      {findings.length === 0 && report.unknown.length === 0 ? (
        <Notice tone="stays" title="No drift">
          <p>Everything is as {report.release ?? 'the release'} brought it.</p>
        </Notice>
      ) : null}
      {findings.length === 0 && report.unknown.length > 0 ? (
        <Notice tone="changes" title="Nothing found, but not everything could be looked at" />
      ) : null}
      {findings.length === 0 ? null : (
        <ul className="stack" aria-label={count(findings.length, 'finding')}>
          {findings.map((finding) => (
            <li key={`${finding.kind} ${finding.subject}`}>
              <FindingPanel finding={finding} install={report.install} release={report.release} />
            </li>
          ))}
        </ul>
      )}
      {report.unknown.length === 0 ? null : (
        <Panel title="Unknown">
          <ul className="stack-tight">
            {report.unknown.map((each) => (
              <li key={each.detector} className="unknown-row">
                <CircleHelp size={16} aria-hidden="true" />
                <span>
                  <strong>{itemName(each.detector)}</strong> could not be looked at: {visible(each.reason)}
                </span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </>
  );
}

function FindingPanel({ finding, install, release }: { finding: Finding; install: string; release: string | null }) {
  return (
    <Panel title={visible(finding.subject)} aside={<SeverityBadge severity={finding.severity} />}>
      <p>{visible(finding.message)}</p>
      <Facts
        rows={[
          ['Expected', <code key="expected">{visibleLines(finding.expected)}</code>],
          ['Found', <code key="found">{visibleLines(finding.found)}</code>],
        ]}
      />
      <ul className="stack-tight" aria-label="Ways out">
        {[finding.remedy, ...finding.alternatives].map((remedy) => (
          <li key={remedy.text} className="row">
            <WayOut remedy={remedy} install={install} release={release} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function WayOut({ remedy, install, release }: { remedy: Remedy; install: string; release: string | null }) {
  const link = remedyAddress(remedy, install, release);
  return (
    <>
      <span className="way-out">{visible(remedy.text)}</span>
      {link === null ? null : <ButtonLink href={link.address}>{link.text}</ButtonLink>}
      {remedy.command === undefined ? null : <CommandLine command={remedy.command} />}
    </>
  );
}
