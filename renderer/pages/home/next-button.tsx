import { Archive, ArrowUp, FileText, LifeBuoy, ScanSearch } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Status } from '../../../electron/api/models.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { installAddress } from '../../route/route.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { commandLine } from '../../wording/command-line.ts';
import { nextThing } from '../../wording/next-thing.ts';

const size = 16;

/** The one thing to do next. What changes much leads to a page that shows it first; only what is harmless begins here. */
export function NextButton({ status }: { status: Status }) {
  const drift = useLoaded(useStores().drift, status.busy === null && status.interrupted === null ? { install: status.install } : null);
  const { begin, busy, failure } = useBegin();
  const { install } = status;
  const next = nextThing(status, drift.value);
  const refusal = failure === null ? null : <FailureNotice failure={failure} install={install} />;
  switch (next.kind) {
    case 'none':
      return <span className="quiet">{next.text}</span>;
    case 'wait':
      return (
        <span className="quiet">
          {next.text}: {status.busy?.operation}
        </span>
      );
    case 'recover':
    case 'config':
      return link(installAddress(install), next.text, <LifeBuoy size={size} aria-hidden="true" />);
    case 'log':
      return link(installAddress(install, 'activity'), next.text, <FileText size={size} aria-hidden="true" />);
    case 'backups':
      return link(installAddress(install, 'backups'), next.text, <Archive size={size} aria-hidden="true" />);
    case 'drift':
      return link(installAddress(install, 'drift'), next.text, <ScanSearch size={size} aria-hidden="true" />);
    case 'upgrade':
      return link(installAddress(install, 'upgrade'), next.text, <ArrowUp size={size} aria-hidden="true" />);
    case 'back-up':
    case 'start': {
      const method = next.kind === 'start' ? 'start' : 'backUp';
      return (
        <>
          <Button kind="primary" busy={busy} onClick={() => void begin(method, { install })}>
            {next.text}
          </Button>
          <CommandLine command={commandLine(method, { install })} />
          {refusal}
        </>
      );
    }
  }
}

function link(address: string, text: string, icon: ReactNode) {
  return (
    <ButtonLink kind="primary" href={address} icon={icon}>
      {text}
    </ButtonLink>
  );
}
