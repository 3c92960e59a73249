import { describe, expect, it } from '@jest/globals';
import {
  emptyCommunity,
  isUncertain,
  isUncertainAfterRead,
  withAllRead,
  withoutThread,
  withRead,
  withThreads,
} from '../../../src/client/community-state.js';
import type { Thread } from '../../../src/protocol/resources.js';
import { hexId, ThreadModel } from './thread-model.js';

const base = new ThreadModel().thread;
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
/** Nothing in it was deleted unless that is said. */
const thread = (n: number, more: Partial<Thread> = {}): Thread => ({
  ...base,
  id: hexId(n),
  me: undefined,
  message_count: more.last_seq ?? 0,
  ...more,
});

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

  const joinedAt = (minute: number) => ({ ...emptyCommunity, community: { me: { role: 'member', joined_at: at(minute) } } as never });

  it('has what came before one joined for read, whatever an event brings of it', () => {
    const listed = withThreads(joinedAt(5), [thread(1, { last_activity: at(1), me: { read_seq: 0, unread_count: 0 } })]);
    const late = thread(1, { last_activity: at(4), last_seq: 9, head_rev: 9 });
    expect(withThreads(listed, [late]).threads[0]?.me).toEqual({ read_seq: 9, unread_count: 0 });
    expect(withThreads(joinedAt(5), [late]).threads[0]?.me).toEqual({ read_seq: 9, unread_count: 0 });
    expect([listed, joinedAt(5)].map((state) => isUncertain(state, late))).toEqual([false, false]);
  });

  it.each([
    ['nothing was deleted', { last_seq: 7, head_rev: 7, message_count: 7 }, 4, false],
    ['one that is unread or read was deleted', { last_seq: 5, head_rev: 6, message_count: 4 }, 2, true],
    ['one came and one was deleted', { last_seq: 6, head_rev: 7, message_count: 5 }, 3, true],
    ['all were deleted', { last_seq: 5, head_rev: 10, message_count: 0 }, 0, false],
    ['only one is left', { last_seq: 5, head_rev: 9, message_count: 1 }, 1, true],
    ['only something else than messages changed', { last_seq: 5, head_rev: 5, message_count: 5, title: 'new' }, 2, false],
  ])('when %s, it knows whether to ask', (_, event, most, asks) => {
    const me = { read_seq: 3, unread_count: 2 };
    const held = withThreads(joinedAt(0), [thread(1, { last_seq: 5, head_rev: 5, last_activity: at(1), me })]);
    const told = thread(1, { last_activity: at(2), ...event });
    expect(isUncertain(held, told)).toBe(asks);
    expect(withThreads(held, [told]).threads[0]?.me?.unread_count).toBe(most);
  });

  it('asks for a thread that it did not know, unless that is new or all read', () => {
    const state = joinedAt(5);
    expect(isUncertain(state, thread(1, { last_seq: 5, head_rev: 5, last_activity: at(6) }))).toBe(true);
    expect(isUncertain(state, thread(1, { last_activity: at(6) }))).toBe(false);
    expect(withThreads(state, [thread(1, { last_seq: 5, last_activity: at(6) })]).threads[0]?.me).toBeUndefined();
  });

  it('puts what events told on top of an answer that is older', () => {
    const me = { read_seq: 3, unread_count: 2 };
    const told = withThreads(joinedAt(0), [thread(1, { last_seq: 7, head_rev: 8, last_activity: at(3) })]);
    const answer = thread(1, { last_seq: 5, head_rev: 5, last_activity: at(1), me });
    expect(withThreads(told, [answer]).threads[0]).toMatchObject({ last_seq: 7, me: { read_seq: 3, unread_count: 4 } });
  });

  it('has all for read that came until all was marked so', () => {
    const me = { read_seq: 3, unread_count: 2 };
    const held = withThreads(joinedAt(0), [
      thread(1, { last_seq: 5, head_rev: 5, last_activity: at(1), me }),
      thread(2, { last_seq: 5, head_rev: 5, last_activity: at(9), me }),
    ]);
    const read = withAllRead(held, Date.parse(at(5)));
    expect(read.threads.map((one) => [one.id, one.me])).toEqual([
      [hexId(2), me],
      [hexId(1), { read_seq: 5, unread_count: 0 }],
    ]);
    const late = thread(1, { last_seq: 6, head_rev: 6, last_activity: at(4) });
    expect(withThreads(read, [late]).threads.find(({ id }) => id === hexId(1))?.me?.unread_count).toBe(0);
  });

  it('lists threads of the same moment by id, as the server does', () => {
    const state = withThreads(emptyCommunity, [thread(3), thread(1), thread(2)]);
    expect(state.threads.map(({ id }) => id)).toEqual([hexId(1), hexId(2), hexId(3)]);
  });
});

describe('what is left unread after one has read a thread', () => {
  const held = (unread_count: number, message_count: number): Thread => ({
    ...new ThreadModel().thread,
    id: hexId(3),
    last_seq: 10,
    message_count,
    me: { read_seq: 4, unread_count },
  });
  it.each([
    ['is arithmetic where nothing was deleted', held(6, 10), 7, false],
    ['has to be asked for where something was deleted', held(5, 9), 7, true],
    ['is nothing where all was read, whatever was deleted', held(5, 9), 10, false],
    ['is what it was where nothing more was read', held(5, 9), 4, false],
    ['is nothing where nothing was unread', held(0, 9), 7, false],
  ])('%s', (_what, thread, seq, expected) => {
    expect(isUncertainAfterRead(withThreads(emptyCommunity, [thread]), hexId(3), seq)).toBe(expected);
  });
});
