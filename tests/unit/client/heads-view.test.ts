import { beforeEach, expect, test } from '@jest/globals';
import { HeadsView } from '../../../src/client/heads-view.js';
import type { LivePort } from '../../../src/client/port.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';

let clock: FakeClock;
let asked: Record<string, unknown>[];
let answers: unknown[];
let online: boolean;
let listeners: Map<string, (payload: unknown) => void>;
let comesUp: (online: boolean) => void;

const head = (thread_id: string, last_seq: number, community_id = 'c') => ({ thread_id, community_id, last_seq, last_activity: '' });
const page = (heads: unknown[], at = '1', next_cursor: string | null = null) => ({ heads, at, next_cursor });

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  answers = [];
  online = true;
  listeners = new Map();
});

const open = (): HeadsView =>
  new HeadsView({
    clock,
    random: () => 0.5,
    memberId: 'me',
    get isOnline() {
      return online;
    },
    on: (event: string, listener: (payload: unknown) => void) => {
      listeners.set(event, listener);
      return () => listeners.delete(event);
    },
    onOnline: (listener: typeof comesUp) => {
      comesUp = listener;
      return () => undefined;
    },
    emit: async (_event: string, input: Record<string, unknown>) => {
      asked.push(input);
      const answer = answers.shift() ?? page([], '9');
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as LivePort);
const tell = (event: string, payload: object): void => listeners.get(event)!(payload);
const seqs = (view: HeadsView) => Object.fromEntries([...view.all()].map(({ thread_id, last_seq }) => [thread_id, last_seq]));

test('asks for all pages first, and for what has moved since when the connection comes up again, and every few minutes', async () => {
  answers = [page([head('a', 3)], '1', 'more'), page([head('b', 4)], '1')];
  const view = open();
  await clock.advance(0);
  expect([seqs(view), asked]).toEqual([{ a: 3, b: 4 }, [{}, { cursor: 'more' }]]);
  answers = [page([head('a', 5)], '2')];
  comesUp(true);
  await clock.advance(0);
  expect([seqs(view), asked.slice(2)]).toEqual([{ a: 5, b: 4 }, [{ since: '1' }]]);
  await clock.advance(6 * 60_000);
  expect(asked).toHaveLength(3);
  await clock.advance(2 * 60_000);
  expect(asked.slice(3)).toEqual([{ since: '2' }]);
  view.close();
  await clock.advance(60 * 60_000);
  expect([asked.length, listeners.size]).toEqual([4, 0]);
});

test('applies what it hears; an answer that an event has passed does not take it back', async () => {
  const view = open();
  let changes = 0;
  view.onChange(() => void changes++);
  tell('thread_heads', { community_id: 'c', heads: [head('a', 7)] });
  answers = [page([head('a', 6), head('b', 1)])];
  await view.sync();
  expect([seqs(view), view.get('a')?.community_id, changes]).toEqual([{ a: 7, b: 1 }, 'c', 2]);
});

test('one without heads says that some were left out: it asks soon', async () => {
  open();
  await clock.advance(0);
  tell('thread_heads', { community_id: 'c', heads: [] });
  await clock.advance(499);
  expect(asked).toHaveLength(1);
  await clock.advance(1);
  expect(asked).toEqual([{}, { since: '9' }]);
});

test('what is gone is forgotten: a thread, a community, one that one left oneself', async () => {
  answers = [page([head('a', 1), head('b', 1), head('x', 1, 'd'), head('y', 1, 'e')])];
  const view = open();
  await clock.advance(0);
  tell('thread_deleted', { community_id: 'c', thread_id: 'a' });
  tell('community_deleted', { community_id: 'd' });
  tell('member_left', { community_id: 'c', member_id: 'another' });
  tell('member_left', { community_id: 'e', member_id: 'me' });
  expect(seqs(view)).toEqual({ b: 1 });
});

test('what fails is asked again later; away it waits for the connection', async () => {
  answers = [new Fault('unavailable'), page([head('a', 1)])];
  const view = open();
  await clock.advance(0);
  await clock.advance(2_000);
  expect([seqs(view), asked]).toEqual([{ a: 1 }, [{}, {}]]);
  online = false;
  answers = [new Fault('unavailable')];
  await expect(view.sync()).rejects.toMatchObject({ code: 'unavailable' });
  comesUp(false);
  online = true;
  comesUp(true);
  await clock.advance(0);
  expect(asked.slice(2)).toEqual([{ since: '1' }, { since: '1' }]);
});

test('who asks while another question is under way is answered by one that begins after it', async () => {
  const view = open();
  const [first, second] = [view.sync(), view.sync()];
  expect(first).toBe(second);
  await first;
  expect(asked).toHaveLength(2);
});
