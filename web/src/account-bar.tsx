import { useEffect, useState } from 'preact/hooks';
import type { Presence, Self } from '../../src/protocol/resources.js';
import { AccountDialog } from './account-dialog.js';
import { useAction } from './failure.js';
import { useClient, useConnection } from './live.js';
import { Avatar, nameOf } from './person.js';

const states: readonly [Presence['state'], string][] = [
  ['online', 'Online'],
  ['idle', 'Away'],
  ['dnd', 'Do not disturb'],
  ['offline', 'Invisible'],
];

/** Who one is here, how one shows oneself to others, and signing out. */
export const AccountBar = ({ self }: { self: Self | null }) => {
  const client = useClient();
  const { busy, run } = useAction();
  const [state, setState] = useState<Presence['state']>('online');
  const [isAsked, setIsAsked] = useState(false);
  const isOnline = useConnection().phase === 'online';
  useEffect(() => {
    // A new connection shows one online; what was chosen is told again.
    if (isOnline && state !== 'online') client.emit('set_presence', { state }).catch(() => undefined);
  }, [client, isOnline, state]);
  if (!self) return <div class="account" />;
  const choose = (next: Presence['state']): void => {
    setState(next);
    if (next === 'online') client.emit('set_presence', { state: next }).catch(() => undefined);
  };
  return (
    <div class="account">
      <button type="button" class="account-open" aria-label="Account" title="Account" onClick={() => setIsAsked(true)}>
        <Avatar id={self.id} name={nameOf(self)} state={isOnline ? state : 'offline'} />
      </button>
      <div class="account-name">
        <strong dir="auto">{nameOf(self)}</strong>
        <select aria-label="How others see you" value={state} onChange={(event) => choose(event.currentTarget.value as Presence['state'])}>
          {states.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {isAsked && <AccountDialog self={self} onClose={() => setIsAsked(false)} />}
      <button type="button" class="text-button" disabled={busy} onClick={() => void run(() => client.logout())}>
        Sign out
      </button>
    </div>
  );
};
