import { useState } from 'react';
import type { MethodInput } from '../../../../electron/api/methods.ts';
import { Button } from '../../../components/button.tsx';
import { CommandLine } from '../../../components/command-line.tsx';
import { Form } from '../../../components/form.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { commandLine } from '../../../wording/command-line.ts';

/** Unpacks the backup, or what was chosen of it, into a new folder. The install is not touched. */
export function TakeOut({ from, install, isEmpty }: { from: MethodInput<'restore'>; install: string; isEmpty: boolean }) {
  const [output, setOutput] = useState('');
  const { begin, busy, failure } = useBegin();
  const isReady = output !== '' && !isEmpty;
  return (
    <Form
      layout="stack-tight"
      onSubmit={() => {
        if (isReady) void begin('restore', { ...from, output });
      }}
      failure={failure}
      install={install}
    >
      <p className="quiet small">
        Nothing is put back, and {install} goes on: what the backup holds is written beside it, to look at or to copy.
      </p>
      <PathField label="New folder" choose="chooseFolder" placeholder="/home/me/from-backup" value={output} onChange={setOutput} required />
      <div className="row">
        <Button type="submit" busy={busy} disabled={!isReady}>
          Take it out
        </Button>
        <CommandLine command={commandLine('restore', { ...from, output: output === '' ? 'FOLDER' : output })} />
      </div>
    </Form>
  );
}
