import { beforeEach, describe, expect, it } from '@jest/globals';
import { Roster, type Standing } from '../../../src/actors/domain/community/roster.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { MembershipRecord } from '../../../src/store/contracts.js';
import { MemoryMemberships } from '../../../src/store/memory/memberships.js';

const ada: Standing = { community_id: 'c', member_id: 'ada', roles: [], state: 'active', joined_at: 1, muted_until: null };
const banned: Standing = { ...ada, state: 'banned' };

describe('a roster', () => {
  let stored: MemoryMemberships;
  /** Writes that were given up and may land yet. */
  let open: (() => Promise<boolean>)[];
  let fails: 'timeout' | 'unavailable' | undefined;
  /** What is read is held up on its way. */
  let held: Promise<void> | undefined;
  /** What is written is held up on its way. */
  let writing: Promise<void> | undefined;
  let settled: (MembershipRecord | null)[];

  const roster = (): Roster => {
    const memberships = new Proxy(stored, {
      get: (target, name) => {
        if (name === 'put') {
          return async (record: MembershipRecord) => {
            await writing;
            if (!fails) return target.put(record);
            if (fails === 'timeout') open.push(() => target.put(record));
            throw new Fault(fails);
          };
        }
        if (name === 'get') {
          return async (communityId: string, memberId: string) => {
            const wait = held;
            const found = await target.get(communityId, memberId);
            await wait;
            return found;
          };
        }
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return new Roster('c', memberships, (record) => void settled.push(record));
  };
  const state = async () => (await stored.get('c', 'ada'))?.state;

  beforeEach(() => {
    stored = new MemoryMemberships(new FakeClock());
    [open, settled, fails, held, writing] = [[], [], undefined, undefined, undefined];
  });

  it('writes upon what it has read', async () => {
    const one = roster();
    await one.put(ada);
    await one.put(banned);
    expect(await stored.get('c', 'ada')).toMatchObject({ state: 'banned', version: 2 });
    expect(await roster().get('ada')).toMatchObject({ state: 'banned' });
  });

  it('does not write over what somebody else has written, and reads it anew', async () => {
    const [one, other] = [roster(), roster()];
    await one.put(ada);
    await other.put(banned);
    await expect(one.put({ ...ada, roles: ['tender'] })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await one.get('ada')).toMatchObject({ state: 'banned' });
  });

  it('takes nothing from a look that a write has overtaken', async () => {
    const one = roster();
    await one.put(ada);
    one.clear();
    let release = (): void => undefined;
    held = new Promise((resolve) => {
      release = resolve;
    });
    const looks = [one.look('ada'), one.look('ada')];
    held = undefined;
    await one.put(banned);
    release();
    expect(await Promise.all(looks)).toMatchObject([{ state: 'banned' }, { state: 'banned' }]);
    expect(one.known('ada')).toMatchObject({ state: 'banned', version: 2 });
  });

  it('remembers what it has looked at, and does not look while a write has no answer', async () => {
    const one = roster();
    expect(one.known('ada')).toBeUndefined();
    expect(await one.look('ada')).toBeNull();
    expect(one.known('ada')).toBeNull();
    fails = 'timeout';
    await expect(one.put(ada)).rejects.toMatchObject({ code: 'timeout' });
    await expect(one.look('ada')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('does not go by what somebody saw during a write that has no answer', async () => {
    const one = roster();
    await one.put(ada);
    let giveUp = (): void => undefined;
    writing = new Promise((resolve) => {
      giveUp = resolve;
    });
    const banning = one.put(banned);
    await new Promise(setImmediate);
    expect(await one.look('ada')).toMatchObject({ state: 'active' });
    fails = 'timeout';
    giveUp();
    await expect(banning).rejects.toMatchObject({ code: 'timeout' });
    await expect(one.look('ada')).rejects.toMatchObject({ code: 'unavailable' });
    fails = undefined;
    expect(await one.get('ada')).toMatchObject({ state: 'banned' });
  });

  it('settles a write without an answer before it reads, and the first one finds no place when it lands', async () => {
    const one = roster();
    await one.put(banned);
    fails = 'timeout';
    await expect(one.put(ada)).rejects.toMatchObject({ code: 'timeout' });
    // Not as long as the store is silent.
    await expect(one.get('ada')).rejects.toMatchObject({ code: 'timeout' });
    fails = undefined;
    expect(await one.get('ada')).toMatchObject({ state: 'active' });
    expect(settled).toMatchObject([{ state: 'active' }]);
    await one.put(banned);
    expect(await Promise.all(open.map((land) => land()))).toEqual([false, false]);
    expect(await state()).toBe('banned');
  });

  it('settles a write that has landed meanwhile as what it is', async () => {
    const one = roster();
    fails = 'timeout';
    await expect(one.put(ada)).rejects.toMatchObject({ code: 'timeout' });
    fails = undefined;
    expect(await open[0]!()).toBe(true);
    await one.settle();
    expect(settled).toMatchObject([{ state: 'active', version: 1 }]);
    expect(await one.get('ada')).toMatchObject({ state: 'active', version: 1 });
    await one.settle();
    expect(settled).toHaveLength(1);
  });

  it('takes a write that was refused for not done', async () => {
    const one = roster();
    fails = 'unavailable';
    await expect(one.put(ada)).rejects.toMatchObject({ code: 'unavailable' });
    fails = undefined;
    expect(await one.get('ada')).toBeNull();
    await one.settle();
    expect(settled).toEqual([]);
  });
});
