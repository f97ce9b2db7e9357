/** What the product can do by commands of its own, such as making a new password. Nothing is shown for one that has none. */
import { useEffect, useState } from 'react';
import type { ProductAction, Status } from '../../../electron/api/models.ts';
import { Button } from '../../components/button.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Panel } from '../../components/panel.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { useRunning, useStores } from '../../store/use-stores.ts';
import { commandLine } from '../../wording/command-line.ts';

export function ActionsPanel({ status }: { status: Status }) {
  const { client } = useStores();
  const { install, title, release } = status;
  const [actions, setActions] = useState<ProductAction[]>([]);
  useEffect(() => {
    let isGone = false;
    void client.call('actions', { install }).then((answer) => {
      if (!isGone) setActions(answer.ok ? answer.result : []);
    });
    return () => {
      isGone = true;
    };
  }, [client, install, release]);
  if (actions.length === 0) return null;
  return (
    <Panel title={`What ${title} can do itself`}>
      {actions.map((each) => (
        <ActionRow key={each.action} install={install} action={each} />
      ))}
    </Panel>
  );
}

function ActionRow({ install, action }: { install: string; action: ProductAction }) {
  const { begin, busy, failure } = useBegin();
  const isBusy = useRunning(install) !== undefined;
  const wish = { install, action: action.action };
  return (
    <div className="stack">
      <p className="quiet">
        {action.what} On the command line: <code>{commandLine('runAction', wish)}</code>
      </p>
      <div className="row">
        <Button busy={busy} disabled={isBusy} onClick={() => void begin('runAction', wish)}>
          {action.title}
        </Button>
      </div>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </div>
  );
}
