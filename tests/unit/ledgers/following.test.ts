import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Access } from '../../../src/actors/domain/community/messages.js';
import type { ActorSystem, Address } from '../../../src/actors/runtime/actor.js';
import { refusalAsMember } from '../../../src/authority/decide.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import { Catalogue } from '../../../src/catalogue/catalogue.js';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import { ledgers } from '../../../src/features/ledgers/feature.js';
import { Joining } from '../../../src/gateway/socket/joining.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { anAccess } from '../../access.js';

const community = 'c'.repeat(24);
const ledger = `community:${community}`;
const room = `l:${ledger}`;
const history = 'f'.repeat(24);
const caller: Caller = {
  ...{ member_id: 'm', session_id: 's', is_admin: false, address: 'a', request_id: 'r' },
  token_expires_at: Number.MAX_SAFE_INTEGER,
};
const catalogue = new Catalogue([ledgers]);
const page = { items: [], rev: 7, head_rev: 7, reset: false, next: null };
let log: string[];
let access: Access | undefined;
let mayView: boolean;
let opened: unknown[];
/** Called when the ledger is read. */
let read: () => void;
let subscriber: Subscriber;
let joining: Joining;
let ports: FeaturePorts;

beforeEach(() => {
  log = [];
  opened = [];
  access = anAccess({ is_public: true, role: 'member' });
  read = () => undefined;
  subscriber = new Subscriber(
    { id: 'x', join: (room) => void log.push(`join ${room}`), leave: (room) => void log.push(`leave ${room}`), give: () => undefined },
    caller,
  );
  const ask = async ({ kind }: Address, message: { type: string; as_member?: true }) => {
    log.push(`${message.type} ${kind}${message.as_member ? ' as a member' : ''}`);
    if (!access) throw new Fault('not_found');
    if (message.type === 'access') return access;
    read();
    const refusal = message.as_member && refusalAsMember(access);
    if (refusal) throw refusal;
    return page;
  };
  const enter = async (): Promise<void> => {
    log.push('enter');
    if (!mayView) throw new Fault('not_found');
  };
  ports = {
    ...{ actors: { tell: () => undefined, ask: ask as never } as ActorSystem, store: { history }, clock: new FakeClock() },
    ...{ places: { enter }, communityOf: async () => community },
  } as unknown as FeaturePorts;
  mayView = true;
  joining = new Joining({ clock: new FakeClock(), effective: async () => true, opened: (...what) => void opened.push(what) });
});

const sync = (known: Record<string, number>, isConnected = true) =>
  catalogue.byName('sync_ledgers')!.run({
    ...{ caller, input: { ledgers: known }, ports, arrivedAt: 0 },
    connection: isConnected ? joining.connectionOf(subscriber) : undefined,
    origin: { address: 'a', request_id: 'r', user_agent: null },
    again: () => undefined,
    told: () => caller,
  });
const shown = { ledger, items: [], rev: 7, head_rev: 7, reset: false, next_cursor: null };
const none = { ledgers: [], silent: [], gone: [], later: [], history };

test('a member enters the room, and is asked about once more when the ledger is read', async () => {
  expect(await sync({ [ledger]: 3 })).toEqual({ ...none, ledgers: [shown] });
  expect(log).toEqual(['access community', `join ${room}`, 'sync_ledger community as a member']);
  expect([subscriber.isGranted(room), [...subscriber.communities()]]).toEqual([true, [community]]);
  expect(await sync({ [ledger]: 7 })).toEqual(none);
});

test('a stranger of a public community reads it and hears of nothing', async () => {
  access = anAccess({ is_public: true, role: null });
  expect(await sync({ [ledger]: 3 })).toEqual({ ...none, ledgers: [shown], silent: [ledger] });
  expect([log, subscriber.rooms]).toEqual([['access community', 'sync_ledger community'], 0]);
});

test('whoever loses their place between the two is in no room', async () => {
  read = () => {
    access = anAccess({ is_public: true, role: null });
  };
  expect(await sync({ [ledger]: 3 })).toEqual({ ...none, gone: [ledger] });
  expect([log.at(-1), subscriber.rooms]).toEqual([`leave ${room}`, 0]);
});

test('whoever is taken out of it meanwhile is told to ask again', async () => {
  read = () => subscriber.leaveCommunity(community);
  expect(await sync({ [ledger]: 3 })).toEqual({ ...none, later: [ledger] });
  expect(subscriber.rooms).toBe(0);
});

test('of one that is not there, and of ones of another kind, it is said that they are gone', async () => {
  access = undefined;
  const other = `${ledger}:nothing_known`;
  expect(await sync({ [ledger]: 3, [other]: 0 })).toEqual({ ...none, gone: expect.arrayContaining([ledger, other]) as never });
  expect(log).toEqual(['access community', 'sync_ledger community']);
});

test('one that takes a permission is asked for by whoever holds it in its room, and by others in none, with as many questions', async () => {
  const ofInvites = `${ledger}:manage_invites`;
  access = anAccess({ is_public: true, role: 'moderator' });
  expect(await sync({ [ofInvites]: 3 })).toEqual({ ...none, ledgers: [{ ...shown, ledger: ofInvites }] });
  const asked = (entries: string[]) => entries.filter((entry) => !entry.startsWith('join')).map((entry) => entry.split(' ')[0]);
  expect([subscriber.isGranted(`l:${ofInvites}`), [...subscriber.communities()]]).toEqual([true, [community]]);
  const inRoom = log.splice(0);
  subscriber.leave(`l:${ofInvites}`);
  log = [];
  access = anAccess({ is_public: true, role: 'member' });
  read = () => {
    throw new Fault('not_found');
  };
  expect(await sync({ [ofInvites]: 3 })).toEqual({ ...none, gone: [ofInvites] });
  expect([asked(log), subscriber.rooms]).toEqual([asked(inRoom), 0]);
  log = [];
  access = undefined;
  expect(await sync({ [ofInvites]: 3 })).toEqual({ ...none, gone: [ofInvites] });
  expect(asked(log)).toEqual(asked(inRoom));
});

test('by REST nobody enters a room', async () => {
  expect(await sync({ [ledger]: -1 }, false)).toEqual({ ...none, ledgers: [shown] });
  expect([log, subscriber.rooms]).toEqual([['access community', 'sync_ledger community'], 0]);
});

describe('the ledger of a closed thread', () => {
  const thread = 'd'.repeat(24);
  const ofThread = `thread:${thread}`;

  test('is entered by a member who may view it, as a room of its community, and known to be of a closed thread', async () => {
    expect(await sync({ [ofThread]: 3 })).toEqual({ ...none, ledgers: [{ ...shown, ledger: ofThread }] });
    expect(log).toEqual(['enter', 'access community', `join l:${ofThread}`, 'sync_ledger thread as a member']);
    expect([...subscriber.communities()]).toEqual([community]);
    expect(opened).toEqual([[thread, null, community]]);
  });

  test('is gone for whoever may not, and nothing else is asked', async () => {
    mayView = false;
    expect(await sync({ [ofThread]: 3 })).toEqual({ ...none, gone: [ofThread] });
    expect([log, subscriber.rooms, opened]).toEqual([['enter'], 0, []]);
  });

  test('is read by whoever is no member and may view it, and they hear of nothing', async () => {
    access = anAccess({ is_public: true, role: null });
    expect(await sync({ [ofThread]: 3 })).toEqual({ ...none, ledgers: [{ ...shown, ledger: ofThread }], silent: [ofThread] });
    expect([log, subscriber.rooms, opened]).toEqual([['enter', 'access community', 'sync_ledger thread'], 0, []]);
  });
});
