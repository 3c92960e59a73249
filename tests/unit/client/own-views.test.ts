import { beforeEach, describe, expect, it } from '@jest/globals';
import { Ledgers } from '../../../src/client/ledgers/ledgers.js';
import { OwnCommunities } from '../../../src/client/own-communities.js';
import { OwnNotifications } from '../../../src/client/own-notifications.js';
import type { LedgersViewPort } from '../../../src/client/port.js';
import { Fault } from '../../../src/kernel/errors.js';
import { FakePort, FakeServer } from '../client-ledgers/fake-port.js';
import { hexId } from './thread-model.js';

let server: FakeServer;
let port: FakePort;
let ledgers: Ledgers;
let asked: unknown[];
let answer: () => Promise<unknown>;
const viewPort = (): LedgersViewPort =>
  ({
    ...{ clock: server.clock, memberId: port.memberId, ledgers, onOnline: () => () => undefined },
    operations: {
      readNotifications: (body: unknown) => {
        asked.push(body);
        return answer();
      },
    },
  }) as unknown as LedgersViewPort;
beforeEach(() => {
  server = new FakeServer();
  port = new FakePort(server);
  ledgers = new Ledgers(port);
  asked = [];
  answer = async () => ({ read: 1 });
  server.commit('me', []);
});
const settle = () => server.clock.advance(2_000);

describe('one’s communities', () => {
  const [one, two] = [hexId(1), hexId(2)];
  const belong = (id: string, role: string | null, isLost = false): void =>
    server.commit('me', [{ kind: 'membership', key: id, value: role && { community_id: id, role, roles: [] } }], isLost);
  const call = (id: string, name: string, isLost = false): void =>
    server.commit(`community:${id}`, [{ kind: 'community', key: id, value: { id, name } }], isLost);
  const shown = (view: OwnCommunities) => view.all?.map(({ name, membership }) => `${name} ${membership.role}`) ?? null;

  it('are those of one’s memberships, by their names, whatever is lost meanwhile', async () => {
    call(one, 'Orchard');
    call(two, 'Beach');
    belong(one, 'member');
    const view = new OwnCommunities(viewPort());
    expect(shown(view)).toBeNull();
    await settle();
    expect(shown(view)).toEqual(['Orchard member']);
    belong(two, 'owner');
    await settle();
    expect(shown(view)).toEqual(['Beach owner', 'Orchard member']);
    call(two, 'Zoo');
    belong(one, 'moderator');
    expect(shown(view)).toEqual(['Orchard moderator', 'Zoo owner']);
    port.connect(false);
    call(one, 'Grove', true);
    belong(two, null, true);
    expect(shown(view)).toEqual(['Orchard moderator', 'Zoo owner']);
    port.connect(true);
    await settle();
    expect(shown(view)).toEqual(['Grove moderator']);
    expect(ledgers.state(`community:${two}`).status).toBe('unknown');
    view.close();
    await settle();
    expect(ledgers.state('me').status).toBe('unknown');
  });

  it('are none only once that is known', async () => {
    const view = new OwnCommunities(viewPort());
    expect(view.all).toBeNull();
    await settle();
    expect(view.all).toEqual([]);
  });

  it('tells of a change only where something shows it', async () => {
    call(one, 'Orchard');
    belong(one, 'member');
    const view = new OwnCommunities(viewPort());
    await settle();
    let told = 0;
    view.subscribe(() => told++);
    server.set('me', 'theme', 1);
    server.commit(`community:${one}`, [{ kind: 'role', key: hexId(9), value: {} }]);
    expect(told).toBe(0);
    call(one, 'Grove');
    expect(told).toBe(1);
  });

  it('have their changes told after one has left and come back, though a ledger was followed all the while', async () => {
    call(one, 'Orchard');
    belong(one, 'member');
    const view = new OwnCommunities(viewPort());
    ledgers.follow(`community:${one}`);
    await settle();
    port.operations();
    port.strange.add(`community:${one}`);
    belong(one, null);
    await settle();
    port.strange.clear();
    belong(one, 'member');
    await settle();
    expect(port.operations()).toEqual(['sync_ledgers', 'sync_ledgers']);
    view.close();
  });
});

describe('one’s notifications', () => {
  const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n).toISOString();
  const ring = (n: number, read_at: string | null = null, isLost = false): void =>
    server.commit(
      'me',
      [{ kind: 'notification', key: hexId(n), value: { id: hexId(n), thread_id: hexId(n % 2), created_at: at(n), read_at } }],
      isLost,
    );
  const open = async (): Promise<OwnNotifications> => {
    const view = new OwnNotifications(viewPort());
    await settle();
    return view;
  };
  const unread = (view: OwnNotifications) => view.unread.map(({ id }) => Number.parseInt(id, 16));

  it('come, are read elsewhere and go as their items do, the newest first', async () => {
    ring(1);
    ring(3, at(4));
    const view = await open();
    ring(2);
    expect([view.all.map(({ id }) => id), unread(view)]).toEqual([
      [hexId(3), hexId(2), hexId(1)],
      [2, 1],
    ]);
    ring(2, at(9));
    expect(unread(view)).toEqual([1]);
    server.commit('me', [{ kind: 'notification', key: hexId(1), value: null }]);
    expect([unread(view), view.all.length]).toEqual([[], 2]);
  });

  it('count what came and was read while one was away', async () => {
    ring(1);
    const view = await open();
    port.connect(false);
    ring(1, at(5), true);
    ring(2, null, true);
    port.connect(true);
    await settle();
    expect(unread(view)).toEqual([2]);
  });

  it('do not count for ever what a snapshot has no more', async () => {
    ring(1);
    const view = await open();
    port.connect(false);
    server.commit('me', [{ kind: 'notification', key: hexId(1), value: null }], true);
    ring(2, null, true);
    server.model('me').raiseFloor(10);
    port.connect(true);
    await settle();
    expect(unread(view)).toEqual([2]);
  });

  it('show as read at once what is read here', async () => {
    for (const n of [1, 2, 3]) ring(n);
    const view = await open();
    view.readThread(hexId(1));
    expect(unread(view)).toEqual([2]);
    // Something else comes before the server has said that they are read.
    ring(4);
    expect(unread(view)).toEqual([4, 2]);
    view.read([hexId(2)]);
    view.read();
    expect([unread(view), asked]).toEqual([[], [{ thread_id: hexId(1) }, { ids: [hexId(2)] }, {}]]);
    for (const n of [1, 2, 3, 4]) ring(n, at(9));
    ring(5);
    expect(unread(view)).toEqual([5]);
  });

  it('show as unread again what could not be marked', async () => {
    ring(1);
    const view = await open();
    answer = async () => {
      throw new Fault('unavailable');
    };
    view.read();
    expect(unread(view)).toEqual([]);
    await server.clock.advance(6_000);
    expect(unread(view)).toEqual([1]);
  });
});
