import { useEffect, useState } from 'react';
import type { AppUpdate, Desktop } from '../../../electron/api/desktop.ts';
import type { FailureData } from '../../../electron/api/failure.ts';
import { Button } from '../../components/button.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { everything } from '../../store/catalogue.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';

/** Milliseconds between two looks while something is downloaded. */
const lookAgain = 500;

/** Moult's own update: asked for, never by itself. */
export function AppUpdateRow({ desktop }: { desktop: Desktop }) {
  const { appUpdate } = useStores();
  const update = useLoaded(appUpdate, everything).value;
  const [failure, setFailure] = useState<FailureData | null>(null);
  const [busy, setBusy] = useState(false);
  const isDownloading = update?.state === 'downloading';
  useEffect(() => {
    if (!isDownloading) return undefined;
    const timer = setInterval(() => void appUpdate.load(everything), lookAgain);
    return () => clearInterval(timer);
  }, [appUpdate, isDownloading]);
  const run = async (method: 'checkForUpdates' | 'updateApp'): Promise<void> => {
    setBusy(true);
    const answer = await desktop.call(method, {});
    setFailure(answer.ok ? null : answer.error);
    await appUpdate.load(everything);
    setBusy(false);
  };
  if (update === null) return null;
  return (
    <>
      <div className="row">
        <span role="status">{update.text}</span>
        <AdvanceButton update={update} busy={busy} onPress={() => void run('updateApp')} />
        <Button busy={busy} onClick={() => void run('checkForUpdates')}>
          Look for updates
        </Button>
      </div>
      {isDownloading ? <ProgressBar fraction={update.fraction ?? 0} label="Downloading Moult's own update" /> : null}
      {failure === null ? null : <FailureNotice failure={failure} />}
    </>
  );
}

function AdvanceButton({ update, busy, onPress }: { update: AppUpdate; busy: boolean; onPress: () => void }) {
  if (update.state !== 'available' && update.state !== 'ready') return null;
  return (
    <Button kind="primary" busy={busy} onClick={onPress}>
      {update.state === 'ready' ? 'Restart and update' : `Download ${update.version ?? 'it'}`}
    </Button>
  );
}
