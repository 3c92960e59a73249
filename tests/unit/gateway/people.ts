import type { Origin } from '../../../src/catalogue/origin.js';
import type { SessionBroadcast } from '../../../src/gateway/ports.js';
import { newId } from '../../../src/kernel/ids.js';
import type { MemberRecord } from '../../../src/store/contracts.js';

export const secret = 'unit-test-secret-unit-test-secret';
export const origin: Origin = { address: '192.0.2.1', request_id: 'request-1', user_agent: 'tests' };

/** One process's worth of broadcast, with a record of what was told. */
export class LocalBroadcast implements SessionBroadcast {
  readonly told: { ids: readonly string[]; reason: string }[] = [];
  readonly #listeners: ((ids: readonly string[], reason: string) => void)[] = [];

  ended(ids: readonly string[], reason: string): void {
    this.told.push({ ids, reason });
    for (const listener of this.#listeners) listener(ids, reason);
  }

  onEnded(listener: (ids: readonly string[], reason: string) => void): void {
    this.#listeners.push(listener);
  }
}

export const memberRecord = (username: string, over: Partial<MemberRecord> = {}): MemberRecord => ({
  id: newId(Date.now()),
  username,
  email: `${username}@example.org`,
  password_hash: null,
  full_name: null,
  avatar_url: null,
  bio: null,
  joined_at: 0,
  is_active: true,
  reopen_until: null,
  signed_out: null,
  presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
  ...over,
});

/** A repository of which some calls do something else. */
export const changed = <T extends object>(repository: T, calls: Partial<T>): T =>
  new Proxy(repository, {
    get(target, name) {
      const own = Reflect.get(name in calls ? calls : target, name);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
