import { beforeEach, expect, test } from '@jest/globals';
import type { Caller } from '../../../src/catalogue/caller.js';
import type { RoomEvent } from '../../../src/gateway/socket/room-mail.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';

/** What comes to a room before it is known whether somebody may be there. */
let log: string[];
let subscriber: Subscriber;

const named = (name: string): RoomEvent => ({ name, text: '', change: undefined });
const keeps = (room: string, ...names: string[]): boolean => subscriber.keeps(room, names.map(named));

beforeEach(() => {
  log = [];
  const leave = (room: string): void => void log.push(`leave ${room}`);
  const give = (room: string, events: readonly RoomEvent[]): void => void log.push(`${room} ${events.map(({ name }) => name).join('+')}`);
  subscriber = new Subscriber({ id: 'x', join: () => undefined, leave, give }, { member_id: 'm', session_id: 's' } as Caller);
});

test('is kept while a join is under way, and given in order when it is granted', () => {
  const entry = subscriber.enter('t:t', 'c');
  expect([keeps('t:t', '1'), keeps('t:t', '2', '3'), keeps('m:m', 'own')]).toEqual([true, true, false]);
  expect([subscriber.isIn('t:t'), subscriber.isGranted('t:t'), log]).toEqual([true, false, []]);
  entry.grant();
  expect([log, subscriber.isGranted('t:t'), keeps('t:t', '4')]).toEqual([['t:t 1+2+3'], true, false]);
});

test('is never given to whoever is refused, or was taken out meanwhile', () => {
  const refused = subscriber.enter('t:t', 'c');
  keeps('t:t', '1');
  refused.giveUp(true);
  const taken = subscriber.enter('t:u', 'c');
  keeps('t:u', '1');
  subscriber.leaveCommunity('c');
  taken.grant();
  expect([log, keeps('t:t', '2'), keeps('t:u', '2')]).toEqual([['leave t:t', 'leave t:u'], false, false]);
});

test('is not kept for whoever is in the room already and joins it again', () => {
  subscriber.enter('t:t', 'c').grant();
  const again = subscriber.enter('t:t', 'c');
  subscriber.enter('t:u', 'c');
  expect(keeps('t:t', '1')).toBe(false);
  again.grant();
  expect(log).toEqual([]);
});

test('is kept up to a bound for all joins of a connection; beyond it the join is over', () => {
  const entries = ['t:t', 't:u'].map((room) => subscriber.enter(room, 'c'));
  for (let n = 0; n < 500; n++) for (const room of ['t:t', 't:u']) keeps(room, 'x');
  expect(keeps('t:u', 'x')).toBe(true);
  expect([log, entries.map(({ held }) => held)]).toEqual([['leave t:u'], [true, false]]);
  for (let n = 0; n < 500; n++) keeps('t:t', 'x');
  expect(entries[0]!.held).toBe(true);
});
