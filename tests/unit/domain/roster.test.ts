import { beforeEach, describe, expect, it } from '@jest/globals';
import { Roster, type Standing } from '../../../src/actors/domain/community/roster.js';
import { Fault } from '../../../src/kernel/errors.js';
import type { MembershipRecord } from '../../../src/store/contracts.js';
import { MemoryMemberships } from '../../../src/store/memory/memberships.js';

const ada: Standing = { community_id: 'c', member_id: 'ada', role: 'member', state: 'active', joined_at: 1, muted_until: null };
const banned: Standing = { ...ada, state: 'banned' };

describe('a roster', () => {
  let stored: MemoryMemberships;
  /** Writes that were given up and may land yet. */
  let open: (() => Promise<boolean>)[];
  let fails: 'timeout' | 'unavailable' | undefined;
  let settled: (MembershipRecord | null)[];

  const roster = (): Roster => {
    const memberships = new Proxy(stored, {
      get: (target, name) => {
        if (name === 'put') {
          return async (record: MembershipRecord) => {
            if (!fails) return target.put(record);
            if (fails === 'timeout') open.push(() => target.put(record));
            throw new Fault(fails);
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
    stored = new MemoryMemberships();
    [open, settled, fails] = [[], [], undefined];
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
    await expect(one.put({ ...ada, role: 'moderator' })).rejects.toMatchObject({ code: 'unavailable' });
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
