import { useEffect, useState } from 'preact/hooks';
import { useClient, useConnection } from './live.js';

/** A short loss is not worth a word. */
const quietMs = 1_200;

/** Tells while there is no connection, and lets one try at once. */
export const ConnectionBanner = () => {
  const client = useClient();
  const state = useConnection();
  const isOnline = state.phase === 'online';
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    if (isOnline) return setIsLong(false);
    const timer = setTimeout(() => setIsLong(true), quietMs);
    return () => clearTimeout(timer);
  }, [isOnline]);
  return (
    <div class="connection" role="status" data-phase={state.phase}>
      {!isOnline && isLong && (
        <p class="connection-banner">
          {state.phase === 'closed' ? 'Not connected.' : navigator.onLine ? 'Connecting…' : 'You are offline.'}{' '}
          {state.phase === 'waiting' && (
            <button type="button" class="text-button" onClick={() => client.connection.networkBack()}>
              Try now
            </button>
          )}
        </p>
      )}
    </div>
  );
};
