import { beforeEach, describe, expect, it } from '@jest/globals';
import { AccessTokens } from '../../../src/gateway/auth/access-tokens.js';
import { TokenAuthenticator } from '../../../src/gateway/auth/authenticator.js';
import { SessionLiveness } from '../../../src/gateway/auth/liveness.js';
import { graceMs } from '../../../src/gateway/auth/refresh-tokens.js';
import { Sessions } from '../../../src/gateway/auth/sessions.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { changed, LocalBroadcast, memberRecord, origin, secret } from './people.js';

const day = 86_400_000;
const times = { secret, refreshDays: 30, sessionDays: 90 };
const dead = expect.objectContaining({ code: 'unauthenticated' });

let clock: FakeClock;
let store: Store;
let broadcast: LocalBroadcast;
let access: AccessTokens;
let sessions: Sessions;
let authenticator: TokenAuthenticator;
const ada = memberRecord('ada');

/** A node's own authenticator over the same store. */
const node = (of: Store, hears: LocalBroadcast): TokenAuthenticator =>
  new TokenAuthenticator(access, new SessionLiveness({ store: of, broadcast: hears, clock, tokenSeconds: 900 }), [ada.id]);

beforeEach(async () => {
  clock = new FakeClock();
  store = createMemoryStore({ clock });
  broadcast = new LocalBroadcast();
  access = new AccessTokens({ secret, previousSecret: null, seconds: 900, clock });
  sessions = new Sessions({ store, access, broadcast, ...times, clock });
  authenticator = node(store, broadcast);
  await store.members.insert(ada);
});

describe('refresh', () => {
  it('rotates: the successor works, and works again after it', async () => {
    const first = await sessions.open(ada.id, origin);
    await clock.advance(1000);
    const second = await sessions.refresh(first.refresh_token, origin, clock.now());
    await clock.advance(1000);
    const third = await sessions.refresh(second.refresh_token, origin, clock.now());
    expect(new Set([first, second, third].map((t) => t.refresh_token)).size).toBe(3);
    await expect(authenticator.authenticate(third.access_token, origin)).resolves.toMatchObject({ member_id: ada.id, is_admin: true });
  });

  it.each([
    ['after the grace', graceMs, origin, false],
    ['from another address', 1, { ...origin, address: '192.0.2.2' }, false],
    ['by what calls itself something else', 1, { ...origin, user_agent: 'a thief' }, false],
    ['by what has no name', 1, { ...origin, user_agent: null }, false],
    ['when the successor has been used', 1, origin, true],
  ])('ends the whole family when a used token comes again %s', async (_when, after, from, succeeded) => {
    const first = await sessions.open(ada.id, origin);
    await clock.advance(1000);
    let second = await sessions.refresh(first.refresh_token, origin, clock.now());
    if (succeeded) second = await sessions.refresh(second.refresh_token, origin, clock.now() + 1);
    await clock.advance(after + 1);
    await expect(sessions.refresh(first.refresh_token, from, clock.now())).rejects.toEqual(dead);
    await expect(sessions.refresh(second.refresh_token, origin, clock.now())).rejects.toEqual(dead);
    await expect(authenticator.authenticate(second.access_token, origin)).rejects.toEqual(dead);
    expect(broadcast.told).toEqual([{ ids: [expect.any(String)], reason: 'refresh_reuse' }]);
  });

  it('takes requests that were under way together for honest, even in one millisecond', async () => {
    for (const arrivals of [
      [0, 0, 0],
      [0, 1, 2],
    ]) {
      const first = await sessions.open(ada.id, origin);
      const base = clock.now();
      const all = await Promise.all(arrivals.map((ms) => sessions.refresh(first.refresh_token, origin, base - Math.max(...arrivals) + ms)));
      expect(new Set(all.map((t) => t.refresh_token)).size).toBe(1);
      for (const each of all) await expect(authenticator.authenticate(each.access_token, origin)).resolves.toBeDefined();
      await clock.advance(10);
      await expect(sessions.refresh(all[0]!.refresh_token, origin, clock.now())).resolves.toBeDefined();
    }
    expect(broadcast.told).toEqual([]);
  });

  it('answers a retry of the same device with the same successor, on every node and after a crash, until it is used', async () => {
    const first = await sessions.open(ada.id, origin);
    const { refresh_token } = await sessions.refresh(first.refresh_token, origin, clock.now());
    // Restarted since, and somewhere else in the same household.
    const other = new Sessions({ store, access, broadcast, ...times, clock });
    for (const [node, waited] of [
      [sessions, 300],
      [other, 5_000],
      [other, graceMs - 5_301],
    ] as const) {
      await clock.advance(waited);
      const again = await node.refresh(first.refresh_token, origin, clock.now());
      expect(again.refresh_token).toBe(refresh_token);
      await expect(authenticator.authenticate(again.access_token, origin)).resolves.toBeDefined();
    }
    expect((await other.refresh(refresh_token, origin, clock.now())).refresh_token).not.toBe(refresh_token);
    expect(broadcast.told).toEqual([]);
  });

  it('makes a successor that the token and another secret do not give', async () => {
    const first = await sessions.open(ada.id, origin);
    const stolen = new Sessions({ store, access, broadcast, ...times, secret: 's'.repeat(32), clock });
    const guessed = await stolen.refresh(first.refresh_token, origin, clock.now());
    const elsewhere = await sessions.refresh(first.refresh_token, origin, clock.now());
    expect(guessed.refresh_token).not.toBe(elsewhere.refresh_token);
  });

  it('lets a slow second one through that had arrived before the first was answered', async () => {
    const first = await sessions.open(ada.id, origin);
    const arrived = clock.now();
    await sessions.refresh(first.refresh_token, origin, arrived);
    await clock.advance(5000);
    await expect(sessions.refresh(first.refresh_token, origin, arrived)).resolves.toBeDefined();
    expect(broadcast.told).toEqual([]);
  });

  it('leaves the old token good when the process dies before the answer', async () => {
    const first = await sessions.open(ada.id, origin);
    const dying: Store = { ...store, sessions: changed(store.sessions, { useToken: () => Promise.reject(new Error('gone')) }) };
    const lost = new Sessions({ store: dying, access, broadcast, ...times, clock });
    await expect(lost.refresh(first.refresh_token, origin, clock.now())).rejects.toThrow('gone');
    await clock.advance(5000);
    await expect(sessions.refresh(first.refresh_token, origin, clock.now())).resolves.toBeDefined();
  });

  it('refuses junk, an access token, an expired one, and one of a member who was deactivated', async () => {
    const first = await sessions.open(ada.id, origin);
    for (const junk of ['', 'x', 'A'.repeat(43), first.access_token, `${first.refresh_token} `]) {
      await expect(sessions.refresh(junk, origin, clock.now())).rejects.toEqual(dead);
    }
    await store.members.deactivate(ada.id, { at: clock.now(), reopen_until: null });
    await expect(sessions.refresh(first.refresh_token, origin, clock.now())).rejects.toEqual(dead);
    const bob = memberRecord('bob');
    await store.members.insert(bob);
    const his = await sessions.open(bob.id, origin);
    await clock.advance(30 * day);
    await expect(sessions.refresh(his.refresh_token, origin, clock.now())).rejects.toEqual(dead);
    expect(broadcast.told).toEqual([]);
  });

  it('keeps a session alive while it is used, for ninety days and not a second longer', async () => {
    let { refresh_token } = await sessions.open(ada.id, origin);
    const opened = clock.now();
    for (const at of [29, 58, 87, 89.999]) {
      await clock.advance(opened + at * day - clock.now());
      ({ refresh_token } = await sessions.refresh(refresh_token, origin, clock.now()));
    }
    expect(await sessions.list(ada.id)).toHaveLength(1);
    const last = await sessions.refresh(refresh_token, origin, clock.now() + 1);
    expect(last.expires_in).toBeLessThan(90);
    await clock.advance(opened + 90 * day - 1 - clock.now());
    await expect(authenticator.authenticate(last.access_token, origin)).resolves.toBeDefined();
    await clock.advance(1);
    await expect(sessions.refresh(last.refresh_token, origin, clock.now())).rejects.toEqual(dead);
    await expect(node(store, broadcast).authenticate(last.access_token, origin)).rejects.toEqual(dead);
    expect(await sessions.list(ada.id)).toEqual([]);
  });

  it('keeps only hashes', async () => {
    const kept: unknown[] = [];
    const insertToken: typeof store.sessions.insertToken = (record) => {
      kept.push(record);
      return store.sessions.insertToken(record);
    };
    const watching: Store = { ...store, sessions: changed(store.sessions, { insertToken }) };
    const { refresh_token } = await new Sessions({ store: watching, access, broadcast, ...times, clock }).open(ada.id, origin);
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(refresh_token);
    expect(Buffer.from(refresh_token, 'base64url')).toHaveLength(32);
  });
});

describe('ended sessions', () => {
  it('are refused at once on every node that hears of it, and within 30 s on one that does not', async () => {
    const deaf = node(store, new LocalBroadcast());
    const { access_token } = await sessions.open(ada.id, origin);
    const { session_id } = await authenticator.authenticate(access_token, origin);
    await deaf.authenticate(access_token, origin);
    await sessions.endOwn(ada.id, session_id);
    await expect(authenticator.authenticate(access_token, origin)).rejects.toEqual(dead);
    await expect(deaf.authenticate(access_token, origin)).resolves.toBeDefined();
    await clock.advance(30_001);
    await expect(deaf.authenticate(access_token, origin)).rejects.toEqual(dead);
  });

  it('stay refused when an older answer of the store comes in later', async () => {
    const { access_token } = await sessions.open(ada.id, origin);
    let release = (): void => undefined;
    const byId: typeof store.sessions.byId = async (id) => {
      const found = await store.sessions.byId(id);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return found;
    };
    const slow: Store = { ...store, sessions: changed(store.sessions, { byId }) };
    const late = node(slow, broadcast);
    const asking = late.authenticate(access_token, origin);
    await clock.advance(0);
    const [session] = await sessions.list(ada.id);
    await sessions.end([session!.id], 'signed_out');
    release();
    await expect(asking).rejects.toEqual(dead);
    await expect(late.authenticate(access_token, origin)).rejects.toEqual(dead);
  });

  it('belong to their member alone', async () => {
    const { access_token } = await sessions.open(ada.id, origin);
    const { session_id } = await authenticator.authenticate(access_token, origin);
    await expect(sessions.endOwn('665f1c2ab3d4e5f60718293a', session_id)).rejects.toMatchObject({ code: 'not_found' });
    const forged = access.sign({ member_id: '665f1c2ab3d4e5f60718293a', session_id });
    await expect(authenticator.authenticate(forged.access_token, origin)).rejects.toEqual(dead);
    await expect(authenticator.authenticate(access_token, origin)).resolves.toBeDefined();
  });

  it('that a crash left unmarked are over by the member alone, as are those that an old password opened too late', async () => {
    const [kept, others] = [
      await sessions.open(ada.id, origin),
      [await sessions.open(ada.id, origin), await sessions.open(ada.id, origin)],
    ];
    const { session_id } = await authenticator.authenticate(kept.access_token, origin);
    await clock.advance(1);
    await store.members.setPassword(ada.id, 'new', { at: clock.now(), except: session_id });
    const fresh = node(store, new LocalBroadcast());
    for (const { access_token, refresh_token } of others) {
      await expect(fresh.authenticate(access_token, origin)).rejects.toEqual(dead);
      await expect(sessions.refresh(refresh_token, origin, clock.now())).rejects.toEqual(dead);
    }
    await expect(fresh.authenticate(kept.access_token, origin)).resolves.toBeDefined();
    await expect(sessions.refresh(kept.refresh_token, origin, clock.now())).resolves.toBeDefined();
    expect(await sessions.openFor({ ...ada, password_hash: 'old' }, origin)).toBeNull();
    const later = await sessions.openFor({ ...ada, password_hash: 'new' }, origin);
    await expect(fresh.authenticate(later!.access_token, origin)).resolves.toBeDefined();
    expect(await sessions.list(ada.id)).toHaveLength(4);
  });

  it('go with the account', async () => {
    const all = await Promise.all([1, 2, 3].map(() => sessions.open(ada.id, origin)));
    await store.members.deactivate(ada.id, { at: clock.now(), reopen_until: null });
    await sessions.endAllOf(ada.id, 'deactivated');
    for (const each of all) await expect(authenticator.authenticate(each.access_token, origin)).rejects.toEqual(dead);
    expect(broadcast.told[0]?.ids).toHaveLength(3);
  });
});
