import { beforeEach, expect, test } from '@jest/globals';
import type { Caller } from '../../../src/catalogue/caller.js';
import type { Hub } from '../../../src/gateway/socket/hub.js';
import { Removals } from '../../../src/gateway/socket/removals.js';
import { Roster } from '../../../src/gateway/socket/roster.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { createLogger } from '../../../src/kernel/logger.js';

let log: string[];
let isMember: () => Promise<boolean>;
let evict: (body: { member_id: string; community_id: string; thread_id?: string }) => void;

beforeEach(() => {
  log = [];
  const emit = (event: string, payload: object): void => void log.push(`${event} ${JSON.stringify(payload)}`);
  const sockets = new Map([['x', { rooms: new Set(['t:t']), conn: { close: () => void log.push('close x') }, emit }]]);
  const hub = {
    announcements: {
      on: (kind: string, listener: typeof evict) => {
        if (kind === 'evict') evict = listener;
      },
    },
    sessions: { onEnded: () => undefined },
    io: { of: () => ({ sockets }) },
    settle: (rooms: Iterable<string>) => void log.push(`settle ${[...rooms].join()}`),
  } as unknown as Hub;
  const roster = new Roster();
  const line = { id: 'x', join: () => undefined, leave: (room: string) => void log.push(`leave ${room}`), give: () => undefined };
  const subscriber = new Subscriber(line, { member_id: 'm', session_id: 's' } as Caller);
  subscriber.enter('t:t', 'c').grant();
  roster.add(subscriber);
  const logger = createLogger({ level: 'silent', node: 'test' });
  new Removals({ hub, roster, clock: new FakeClock(), logger, isMember: () => isMember() });
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const evicted = async (community_id: string, thread_id?: string): Promise<string[]> => {
  evict({ member_id: 'm', community_id, ...(thread_id && { thread_id }) });
  await turn();
  return log;
};

test('whoever was removed hears what is still to be said there, then leaves the rooms and is told', async () => {
  isMember = async () => false;
  expect(await evicted('c')).toEqual(['settle t:t', 'leave t:t', 'member_left {"community_id":"c","member_id":"m"}']);
});

test.each([
  ['has come back meanwhile', async () => true],
  ['may have come back', async () => Promise.reject(new Error('no answer'))],
])('whoever %s connects anew, since the announcement may be an old one', async (_who, answer) => {
  isMember = answer;
  expect(await evicted('c')).toEqual(['settle t:t', 'leave t:t', 'close x']);
});

test('who follows nothing there is left alone', async () => {
  isMember = async () => true;
  expect(await evicted('other')).toEqual([]);
});

test('what the room of a thread says is for those who are in it: who has come back and is not there yet is left alone', async () => {
  isMember = async () => false;
  expect(await evicted('c', 'another')).toEqual([]);
  expect(await evicted('c', 't')).toEqual(['settle t:t', 'leave t:t', 'member_left {"community_id":"c","member_id":"m"}']);
});
