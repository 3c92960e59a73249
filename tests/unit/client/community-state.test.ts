import { describe, expect, it } from '@jest/globals';
import { emptyCommunity, withoutThread, withRead, withThreads } from '../../../src/client/community-state.js';
import type { Thread } from '../../../src/protocol/resources.js';
import { hexId, ThreadModel } from './thread-model.js';

const base = new ThreadModel().thread;
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const thread = (n: number, more: Partial<Thread> = {}): Thread => ({ ...base, id: hexId(n), me: undefined, ...more });

describe('community state', () => {
  it('keeps pinned threads first, then the latest activity', () => {
    const state = withThreads(emptyCommunity, [
      thread(1, { last_activity: at(1) }),
      thread(2, { last_activity: at(3) }),
      thread(3, { last_activity: at(2), is_pinned: true }),
    ]);
    const ids = (s: typeof state): string[] => s.threads.map((t) => t.id);
    expect(ids(state)).toEqual([hexId(3), hexId(2), hexId(1)]);
    const moved = withThreads(state, [thread(1, { last_activity: at(9), head_rev: 1, last_seq: 1 })]);
    expect(ids(moved)).toEqual([hexId(3), hexId(1), hexId(2)]);
    expect(ids(withoutThread(moved, hexId(3)))).toEqual([hexId(1), hexId(2)]);
  });

  it('counts as unread what events bring, and reads it away', () => {
    let state = withThreads(emptyCommunity, [thread(1, { last_seq: 5, head_rev: 5, me: { read_seq: 3, unread_count: 2 } })]);
    state = withThreads(state, [thread(1, { last_seq: 7, head_rev: 8 })]);
    expect(state.threads[0]?.me).toEqual({ read_seq: 3, unread_count: 4 });
    expect(withRead(state, hexId(1), 6).threads[0]?.me).toEqual({ read_seq: 6, unread_count: 1 });
    expect(withRead(state, hexId(1), 2)).toEqual(state);
  });

  it('does not count what was read before its thread told of it', () => {
    const state = withThreads(emptyCommunity, [thread(1, { last_seq: 5, head_rev: 5, me: { read_seq: 5, unread_count: 0 } })]);
    const read = withRead(state, hexId(1), 6);
    expect(withThreads(read, [thread(1, { last_seq: 6, head_rev: 6 })]).threads[0]?.me).toEqual({ read_seq: 6, unread_count: 0 });
    expect(withThreads(read, [thread(1, { last_seq: 8, head_rev: 8 })]).threads[0]?.me).toEqual({ read_seq: 6, unread_count: 2 });
  });

  it('does not let an overtaken event turn a thread back', () => {
    const newest = withThreads(emptyCommunity, [thread(1, { last_seq: 7, head_rev: 8, me: { read_seq: 7, unread_count: 0 } })]);
    const [only] = withThreads(newest, [thread(1, { last_seq: 6, head_rev: 7 })]).threads;
    expect(only).toMatchObject({ last_seq: 7, head_rev: 8, me: { unread_count: 0 } });
  });
});
