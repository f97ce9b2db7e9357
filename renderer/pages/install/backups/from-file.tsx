import { FlaskConical, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Form } from '../../../components/form.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { useBeginOpen } from './use-begin-open.tsx';

/** A backup that is in no list: what it would restore, whether it is whole, and whether the product runs on it. */
export function FromFile({ install, onRestore }: { install: string; onRestore: (input: string) => void }) {
  const [path, setPath] = useState('');
  const { begin, busy, failure, question } = useBeginOpen(path);
  const isNamed = path !== '';
  return (
    <Form
      onSubmit={() => {
        if (isNamed) onRestore(path);
      }}
    >
      <PathField label="Backup file" choose="chooseBackup" placeholder="/path/to/backup.tar.zst" value={path} onChange={setPath} required />
      <div className="row">
        <Button type="submit" disabled={!isNamed}>
          Show what it would restore
        </Button>
        <Button
          busy={busy}
          disabled={!isNamed}
          icon={<ShieldCheck size={16} aria-hidden="true" />}
          onClick={() => void begin('verify', { input: path })}
        >
          Verify it
        </Button>
        <Button
          busy={busy}
          disabled={!isNamed}
          icon={<FlaskConical size={16} aria-hidden="true" />}
          onClick={() => void begin('drill', { install, backup: path })}
        >
          Try it on a copy
        </Button>
      </div>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
      {question}
    </Form>
  );
}
