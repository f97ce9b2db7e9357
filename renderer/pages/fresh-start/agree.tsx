import { useState } from 'react';
import type { Plan } from '../../../electron/api/models.ts';
import { count } from '../../../electron/api/units.ts';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Bytes } from '../../components/figures.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { commandLine } from '../../wording/command-line.ts';

interface AgreeParts {
  plan: Plan;
  including: readonly string[];
  release: string;
  onStale: () => void;
}

/** The third page: consent that cannot be given by accident. */
export function Agree({ plan, including, release, onStale }: AgreeParts) {
  const { install } = plan;
  const [typed, setTyped] = useState('');
  const { begin, busy, failure } = useBegin();
  const wish = { install, ...(including.length > 0 && { including: [...including] }), ...(release !== '' && { release }) };
  const going = plan.items.filter((item) => item.fate === 'remove');
  const files = going.reduce((sum, item) => sum + item.files, 0);
  const bytes = going.reduce((sum, item) => sum + item.bytes, 0);
  return (
    <Form
      layout="page"
      onSubmit={() => {
        if (typed === install) void begin('freshStart', { ...wish, digest: plan.digest });
      }}
    >
      <Panel title={`Type ${install} to go on`} tone="needs">
        <p>
          {count(files, 'file')}, <Bytes bytes={bytes} />, go to the trash: {going.map((item) => item.title).join(', ')}. Then {install} is
          set up again on <span className="mono">{plan.to}</span>, like new.
        </p>
        {plan.warnings.map((warning) => (
          <p key={warning} className="quiet">
            {warning}
          </p>
        ))}
        <TextField label="The install's name" value={typed} onChange={setTyped} isPath autoFocus />
        <div className="row">
          <Button kind="danger" type="submit" busy={busy} disabled={typed !== install}>
            Start fresh
          </Button>
          <CommandLine command={commandLine('freshStart', wish)} />
        </div>
      </Panel>
      {failure === null ? null : (
        <FailureNotice failure={failure} install={install} onRetry={failure.code === 'plan-changed' ? onStale : undefined} />
      )}
    </Form>
  );
}
