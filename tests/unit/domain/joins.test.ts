import { beforeEach, describe, expect, it } from '@jest/globals';
import { Joins } from '../../../src/actors/domain/user/joins.js';
import { bounds } from '../../../src/protocol/primitives.js';

const ids = (count: number, of = 'c'): string[] => Array.from({ length: count }, (_x, i) => `${of}${i}`);

describe('the places of a member', () => {
  let now: number;
  let joins: Joins;
  const keeps = (community: string, active: readonly string[]): string => {
    try {
      joins.keep(community, new Set(active));
      return 'kept';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  beforeEach(() => {
    now = 0;
    joins = new Joins(() => now);
  });

  it('are as many as the bound says, whether they are taken or only kept', () => {
    const taken = ids(bounds.communities - 3);
    expect(ids(5, 'new').map((id) => keeps(id, taken))).toEqual(['kept', 'kept', 'kept', 'conflict', 'conflict']);
  });

  it('are not needed twice by one community, nor by one that the member is in, also beyond the bound', () => {
    const full = ids(bounds.communities + 100);
    expect([keeps('c7', full), keeps('new', full)]).toEqual(['kept', 'conflict']);
    const almost = ids(bounds.communities - 1);
    expect([keeps('new', almost), keeps('new', almost), keeps('newer', almost)]).toEqual(['kept', 'kept', 'conflict']);
  });

  it('are free again when the join has ended or the time for it is over', () => {
    const almost = ids(bounds.communities - 1);
    keeps('new', almost);
    expect(keeps('other', almost)).toBe('conflict');
    joins.ended('new');
    expect(keeps('other', almost)).toBe('kept');
    now += 59_999;
    expect(keeps('third', almost)).toBe('conflict');
    now += 1;
    expect(keeps('third', almost)).toBe('kept');
  });

  it('are counted once when what was kept is stored', () => {
    const some = ids(bounds.communities - 2);
    expect([keeps('new', some), keeps('newer', [...some, 'new']), keeps('newest', [...some, 'new'])]).toEqual(['kept', 'kept', 'conflict']);
  });
});
