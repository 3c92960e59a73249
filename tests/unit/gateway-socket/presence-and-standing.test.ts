import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ActorSystem, Address, Message } from '../../../src/actors/runtime/actor.js';
import { Devices } from '../../../src/gateway/socket/devices.js';
import { originAllowed } from '../../../src/gateway/socket/origin.js';
import { Roster } from '../../../src/gateway/socket/roster.js';
import { Standing } from '../../../src/gateway/socket/standing.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { createLogger } from '../../../src/kernel/logger.js';

let clock: FakeClock;
let node = 'n1';
let told: { to: Address; message: Message & { device?: string } }[];
let access: Record<string, { role: string | null } | Fault>;
const actors: ActorSystem = {
  tell: (to, message) => void told.push({ to, message }),
  ask: (async (to: Address, message: { member_id: string }) => {
    const answer = access[`${message.member_id}:${to.key}`] ?? new Fault('not_found');
    if (answer instanceof Fault) throw answer;
    return answer;
  }) as never,
};
const subscriber = (id: string, member = `m-${id}`, session = `s-${id}`): Subscriber =>
  new Subscriber(
    { id, join: () => undefined, leave: () => undefined, give: () => undefined },
    { member_id: member, session_id: session, is_admin: false, token_expires_at: Number.MAX_SAFE_INTEGER, address: 'a', request_id: 'r' },
  );

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  access = {};
});

test('devices are told anew under another name', async () => {
  const devices = new Devices({ actors, node: () => node, clock });
  const [stays, goes] = [subscriber('stays'), subscriber('goes')];
  devices.connected(stays);
  devices.connected(goes);
  devices.gone(goes);
  told = [];
  node = 'n2';
  await devices.announce();
  node = 'n1';
  expect(told).toEqual([{ to: { kind: 'user', key: 'm-stays' }, message: { type: 'device_seen', device: 'stays', node: 'n2' } }]);
});

test('devices are told at once, then once in 30 s each, spread over them', async () => {
  const devices = new Devices({ actors, node: () => node, clock });
  devices.start();
  const all = Array.from({ length: 300 }, (_, n) => subscriber(`socket-${n}`));
  for (const one of all) devices.connected(one);
  expect(told).toHaveLength(300);
  expect(told[0]).toEqual({ to: { kind: 'user', key: 'm-socket-0' }, message: { type: 'device_seen', device: 'socket-0', node: 'n1' } });
  const perSecond: number[] = [];
  for (let second = 0; second < 30; second++) {
    told = [];
    await clock.advance(1_000);
    perSecond.push(told.length);
  }
  expect(perSecond.reduce((a, b) => a + b)).toBe(300);
  expect(Math.max(...perSecond)).toBeLessThan(40);
  told = [];
  devices.gone(all[0]!);
  expect(told).toEqual([{ to: { kind: 'user', key: 'm-socket-0' }, message: { type: 'device_gone', device: 'socket-0' } }]);
  told = [];
  devices.leaving();
  devices.gone(all[1]!);
  devices.stayed();
  devices.gone(all[2]!);
  expect(told.map(({ message }) => message)).toEqual([
    { type: 'device_gone', device: 'socket-1', returns: true },
    { type: 'device_gone', device: 'socket-2' },
  ]);
  await clock.advance(30_000);
  expect(told).toHaveLength(299);
  devices.stop();
  told = [];
  await clock.advance(30_000);
  expect(told).toEqual([]);
});

describe('standing', () => {
  type Session = { ended_at: number | null; expires_at: number } | null;
  let roster: Roster;
  let sessions: Record<string, Session | Error>;
  let ended: string[];
  let removed: string[];
  let listed: string[];
  let closedThreads: [string, string][];
  let permissionRooms: string[];
  let lookedAgain: string[];
  let standing: Standing;

  beforeEach(() => {
    roster = new Roster();
    sessions = {};
    ended = [];
    removed = [];
    listed = [];
    closedThreads = [];
    permissionRooms = [];
    lookedAgain = [];
    standing = new Standing({
      roster,
      sessions: {
        byId: async (id) => {
          const session = sessions[id] ?? null;
          if (session instanceof Error) throw session;
          return session as never;
        },
      },
      memberships: {
        listByMember: async (member) => {
          listed.push(member);
          return [{ community_id: 'keeps' }] as never;
        },
      },
      actors,
      ended: (id, reason) => void ended.push(`${id} ${reason}`),
      removed: (member, community) => void removed.push(`${member} ${community}`),
      rechecks: { closed: () => closedThreads, lookAgain: async (thread) => void lookedAgain.push(thread) },
      ledgerRechecks: { rooms: () => permissionRooms, lookAgain: async (room) => void lookedAgain.push(room) },
      clock,
      logger: createLogger({ level: 'silent', node: 'test' }),
    });
  });

  const alive = { ended_at: null, expires_at: Number.MAX_SAFE_INTEGER };

  test('sessions that are over are ended, those that cannot be looked up stay', async () => {
    sessions = {
      's-1': alive,
      's-2': { ...alive, ended_at: 1 },
      's-3': { ...alive, expires_at: clock.now() },
      's-4': new Error('no answer'),
    };
    for (const n of [1, 2, 3, 4, 5]) roster.add(subscriber(String(n)));
    await standing.check({ memberships: true });
    expect(ended.sort()).toEqual(['s-2 ended', 's-3 expired', 's-5 ended']);
  });

  test('every ten minutes', async () => {
    roster.add(subscriber('1'));
    standing.start();
    await clock.advance(9 * 60_000);
    expect(ended).toEqual([]);
    await clock.advance(60_000);
    expect(ended).toEqual(['s-1 ended']);
    standing.stop();
    await clock.advance(20 * 60_000);
    expect(ended).toHaveLength(1);
  });

  test('closed threads are looked at every ten minutes, and when announcements may have been lost', async () => {
    closedThreads = [['t', 'c']];
    permissionRooms = ['l:community:c:manage_invites'];
    standing.start();
    await clock.advance(10 * 60_000);
    expect(lookedAgain).toEqual(['t', permissionRooms[0]]);
    standing.stop();
    await standing.check({ memberships: true });
    expect(lookedAgain).toEqual(['t', permissionRooms[0], 't', permissionRooms[0]]);
  });

  test('who no longer belongs to a community is taken out of it; what cannot be answered stays', async () => {
    sessions = { s: alive };
    const here = subscriber('1', 'm', 's');
    roster.add(here);
    for (const community of ['keeps', 'lost', 'deleted', 'unknown']) here.enter(`c:${community}`, community);
    access = { 'm:keeps': { role: 'member' }, 'm:lost': { role: null }, 'm:unknown': new Fault('unavailable') };
    await standing.check({ memberships: true });
    expect(removed.sort()).toEqual(['m deleted', 'm lost']);
  });

  test('of whose communities somebody hears heads is looked up by one read a member', async () => {
    sessions = { s: alive };
    const here = [subscriber('1', 'm', 's'), subscriber('2', 'm', 's'), subscriber('3', 'n', 's')];
    for (const one of here) roster.add(one);
    for (const one of here.slice(0, 2)) for (const community of ['keeps', 'lost']) one.enter(`h:${community}`, community);
    await standing.check({ memberships: true });
    expect([removed, listed]).toEqual([['m lost'], ['m']]);
  });

  test('checks that are asked for during another one run as one, after it', async () => {
    let looked = 0;
    const count = (): typeof alive => {
      looked++;
      return alive;
    };
    sessions = new Proxy({}, { get: count });
    roster.add(subscriber('1', 'm', 's'));
    const here = subscriber('2', 'm', 's');
    here.enter('c:lost', 'lost');
    roster.add(here);
    const first = standing.check({ memberships: false });
    await Promise.resolve();
    const waiting = [standing.check({ memberships: false }), standing.check({ memberships: true }), standing.check({ memberships: false })];
    await first;
    expect(removed).toEqual([]);
    await Promise.all(waiting);
    expect(looked).toBe(2);
    expect(removed).toEqual(['m lost']);
    await standing.check({ memberships: false });
    expect(looked).toBe(3);
  });
});

test('the roster forgets who has gone', () => {
  const roster = new Roster();
  const [one, two] = [subscriber('1', 'm', 's'), subscriber('2', 'm', 's')];
  roster.add(one);
  roster.add(two);
  expect([roster.size, roster.ofMember('m').length, roster.ofSession('s'), roster.bySocket('1')]).toEqual([2, 2, [one, two], one]);
  roster.remove(one);
  roster.remove(one);
  expect([roster.ofMember('m'), roster.sessions()]).toEqual([[two], ['s']]);
  roster.remove(two);
  expect([roster.size, roster.ofMember('m').length, roster.ofMember('m'), roster.sessions(), roster.bySocket('2')]).toEqual([
    0,
    0,
    [],
    [],
    undefined,
  ]);
});

test.each([
  [undefined, true],
  ['http://chat.example.org', true],
  ['https://chat.example.org', true],
  ['https://app.example.org', true],
  ['https://app.example.org.evil.example', false],
  ['https://evil.example', false],
  ['https://evilchat.example.org', false],
  ['https://chat.example.org:8443', false],
  ['https://chat.example.org@evil.example', false],
  ['null', false],
  ['', false],
  ['file://', false],
  ['chat.example.org', false],
  ['javascript://chat.example.org', false],
])('origin %s', (origin, allowed) => {
  const headers = { host: 'chat.example.org', ...(origin !== undefined && { origin }) };
  expect(originAllowed({ headers }, ['https://app.example.org', 'null'])).toBe(allowed);
});
