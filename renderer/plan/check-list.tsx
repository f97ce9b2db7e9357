import { CircleCheck, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { CheckResult, CheckStatus } from '../../electron/api/models.ts';
import { count } from '../../electron/api/units.ts';
import { visible } from '../../electron/api/visible.ts';
import { ButtonLink } from '../components/button.tsx';
import { CommandLine } from '../components/command-line.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Panel } from '../components/panel.tsx';
import { remedyAddress } from '../wording/failures.ts';
import './check-list.css';

const icons: Record<CheckStatus, ReactNode> = {
  pass: <CircleCheck size={18} role="img" aria-label="passed" />,
  warn: <TriangleAlert size={18} role="img" aria-label="warning" />,
  fail: <OctagonAlert size={18} role="img" aria-label="failed" />,
};

/** What was looked at before. What is not well comes first and open; what is well is one line that can be opened. */
export function CheckList({ checks, install }: { checks: readonly CheckResult[]; install: string }) {
  const passed = checks.filter((check) => check.status === 'pass');
  const others = [...checks.filter((check) => check.status === 'fail'), ...checks.filter((check) => check.status === 'warn')];
  return (
    <Panel title="Checks" aside={<span className="quiet small">{checksWords(checks)}</span>}>
      {others.length === 0 ? null : <Checks checks={others} install={install} />}
      {passed.length === 0 ? null : (
        <Disclosure summary={`${count(passed.length, 'check')} passed`} open={others.length === 0 && passed.length <= 4}>
          {() => <Checks checks={passed} install={install} />}
        </Disclosure>
      )}
      {checks.length === 0 ? <p className="quiet">Nothing had to be checked.</p> : null}
    </Panel>
  );
}

function Checks({ checks, install }: { checks: readonly CheckResult[]; install: string }) {
  return (
    <ul className="checks">
      {checks.map((check) => (
        <li key={check.check} className={`check check-${check.status}`}>
          {icons[check.status]}
          <div className="stack-tight">
            <p>
              <strong>{check.title}</strong> <span className="quiet">{visible(check.message)}</span>
            </p>
            {check.remedy === undefined || check.status === 'pass' ? null : <RemedyRow remedy={check.remedy} install={install} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function RemedyRow({ remedy, install }: { remedy: NonNullable<CheckResult['remedy']>; install: string }) {
  const link = remedyAddress(remedy, install);
  return (
    <div className="row">
      <span>{visible(remedy.text)}</span>
      {link === null ? null : <ButtonLink href={link.address}>{link.text}</ButtonLink>}
      {remedy.command === undefined ? null : <CommandLine command={remedy.command} />}
    </div>
  );
}

export function checksWords(checks: readonly CheckResult[]): string {
  const failed = checks.filter((check) => check.status === 'fail').length;
  const warned = checks.filter((check) => check.status === 'warn').length;
  if (failed > 0) return `${count(failed, 'check')} failed`;
  return warned > 0 ? count(warned, 'warning') : 'all passed';
}
