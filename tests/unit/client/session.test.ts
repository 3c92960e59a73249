import { beforeEach, describe, expect, it } from '@jest/globals';
import { Session } from '../../../src/client/session.js';
import { MemoryTokenStore, WebTokenStore } from '../../../src/client/token-store.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { SignedIn, Tokens } from '../../../src/protocol/resources.js';
import { me } from './thread-model.js';

/** Refresh tokens that work once, as the server's do. */
class Issuer {
  count = 0;
  fail: Fault | null = null;
  readonly clock: FakeClock;

  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  issue(): Tokens {
    this.count++;
    return { access_token: `a${this.count}`, refresh_token: `r${this.count}`, expires_in: 100 };
  }

  refresh = async (token: string): Promise<Tokens> => {
    await this.clock.sleep(5);
    if (this.fail) throw this.fail;
    if (token !== `r${this.count}`) throw new Fault('unauthenticated', 'used before');
    return this.issue();
  };
}

let clock: FakeClock;
let issuer: Issuer;
beforeEach(() => {
  clock = new FakeClock();
  issuer = new Issuer(clock);
});
const sessionOn = (store: MemoryTokenStore | WebTokenStore): Session =>
  new Session({ store, clock, random: () => 0.5, refresh: issuer.refresh });
const signedIn = (): SignedIn => ({ ...issuer.issue(), device_token: 'd', member: { id: me } as SignedIn['member'] });

describe('session', () => {
  it('refreshes ahead of the end, again and again', async () => {
    const session = sessionOn(new MemoryTokenStore());
    session.begin(signedIn());
    await clock.advance(82_000);
    expect(issuer.count).toBe(1);
    await clock.advance(1_000);
    expect(issuer.count).toBe(2);
    await expect(session.token()).resolves.toBe('a2');
    await clock.advance(300_000);
    expect(issuer.count).toBeGreaterThanOrEqual(5);
    session.close();
    const { count } = issuer;
    await clock.advance(300_000);
    expect(issuer.count).toBe(count);
  });

  it('refreshes once for all who ask, and not for one who comes with an older token', async () => {
    const session = sessionOn(new MemoryTokenStore());
    session.begin(signedIn());
    const all = Promise.all([session.refresh('a1'), session.refresh('a1'), session.refresh('a1')]);
    await clock.advance(10);
    await expect(all).resolves.toEqual(['a2', 'a2', 'a2']);
    await expect(session.refresh('a1')).resolves.toBe('a2');
    expect(issuer.count).toBe(2);
  });

  it('does not use a refresh token twice where two share one store', async () => {
    const store = new MemoryTokenStore();
    const [one, two] = [sessionOn(store), sessionOn(store)];
    one.begin(signedIn());
    const all = Promise.all([one.refresh('a1'), two.refresh('a1')]);
    await clock.advance(20);
    await expect(all).resolves.toEqual(['a2', 'a2']);
    expect(one.memberId).toBe(me);
  });

  it('ends when the server refuses, and only then', async () => {
    const session = sessionOn(new MemoryTokenStore());
    const reasons: string[] = [];
    session.onEnded((reason) => reasons.push(reason));
    session.begin(signedIn());
    issuer.fail = new Fault('unavailable');
    const unreachable = expect(session.refresh('a1')).rejects.toMatchObject({ code: 'unavailable' });
    await clock.advance(10);
    await unreachable;
    expect(session.memberId).toBe(me);
    issuer.fail = new Fault('unauthenticated');
    const refused = expect(session.refresh('a1')).rejects.toMatchObject({ code: 'unauthenticated' });
    await clock.advance(10);
    await refused;
    expect(reasons).toEqual(['refresh_refused']);
    await expect(session.token()).resolves.toBeNull();
  });

  it('goes on after a restart with what the browser kept, and takes rubbish there for nothing', async () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    const first = sessionOn(new WebTokenStore(storage, 'k'));
    first.begin(signedIn());
    first.close();
    expect(sessionOn(new WebTokenStore(storage, 'k')).memberId).toBe(me);
    for (const rubbish of ['{', '7', '{"access_token":1}']) {
      kept.set('k', rubbish);
      expect(sessionOn(new WebTokenStore(storage, 'k')).memberId).toBeNull();
    }
  });
});
