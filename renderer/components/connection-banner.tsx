import { Unplug } from 'lucide-react';
import { useStore } from 'zustand';
import { useStores } from '../store/use-stores.ts';
import './connection-banner.css';

/** Says that Moult does not answer, and vanishes by itself when it does again. */
export function ConnectionBanner() {
  const { connection, shutOut } = useStore(useStores().connection);
  return (
    <div role="status">
      {connection === 'lost' ? (
        <p className="connection-banner">
          <Unplug size={16} aria-hidden="true" />
          <span>
            {shutOut === null ? (
              <>
                <strong>Not connected.</strong> What was running goes on. This page connects again by itself.
              </>
            ) : (
              <>
                <strong>{shutOut.message}</strong> {shutOut.remedy?.text}
              </>
            )}
          </span>
        </p>
      ) : null}
    </div>
  );
}
