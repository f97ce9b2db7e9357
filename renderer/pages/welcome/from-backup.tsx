/** Everything from one file: product, release, home and name come out of the backup. */
import { History } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { PathField } from '../../components/path-field.tsx';
import { PlanDialog } from '../../components/plan-dialog.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { commandLine } from '../../wording/command-line.ts';

interface Answers {
  input: string;
  home: string;
}

export function FromBackup() {
  const [answers, setAnswers] = useState<Answers>({ input: '', home: '' });
  const [asked, setAsked] = useState<Answers | null>(null);
  return (
    <Panel title="I have a backup file">
      <p className="quiet">
        From Moult, or from a product’s own backup command: the product and its release are in the file. What is fetched and made is shown
        first.
      </p>
      <Form layout="stack-tight" onSubmit={() => setAsked(answers)}>
        <div className="fields">
          <PathField
            label="Backup file"
            choose="chooseBackup"
            placeholder="/path/to/backup.tar.zst"
            value={answers.input}
            onChange={(input) => setAnswers({ ...answers, input })}
            required
          />
          <PathField
            label="Home folder"
            choose="chooseFolder"
            placeholder="where it was"
            value={answers.home}
            onChange={(home) => setAnswers({ ...answers, home })}
          />
        </div>
        <div className="row">
          <Button type="submit" icon={<History size={16} aria-hidden="true" />}>
            Show what it would restore
          </Button>
        </div>
      </Form>
      {asked === null ? null : <RestoreAnewDialog answers={asked} onClose={() => setAsked(null)} />}
    </Panel>
  );
}

function RestoreAnewDialog({ answers, onClose }: { answers: Answers; onClose: () => void }) {
  const { begin, busy, failure } = useBegin();
  const wish = { input: answers.input, anew: true, ...(answers.home !== '' && { home: answers.home }) };
  return (
    <PlanDialog
      title="Restore from this backup?"
      ask={{ action: 'restore', ...wish }}
      install={null}
      wish="Restore"
      command={commandLine('restore', wish)}
      busy={busy}
      failure={failure}
      onAgree={(plan) => void begin('restore', { ...wish, home: plan.home, install: plan.install, digest: plan.digest })}
      onClose={onClose}
    />
  );
}
