import { beforeEach, describe, expect, it } from '@jest/globals';
import { Ledgers } from '../../../src/client/ledgers/ledgers.js';
import { ann, FakePort, FakeServer } from './fake-port.js';

const community = 'c'.repeat(24);
const thread = 'd'.repeat(24);
const name = `community:${community}`;
const member_left = { community_id: community, member_id: ann };

let server: FakeServer;
let port: FakePort;
let ledgers: Ledgers;
beforeEach(async () => {
  server = new FakeServer();
  port = new FakePort(server);
  ledgers = new Ledgers(port);
  for (const one of ['me', name, `thread:${thread}`]) {
    server.set(one, 'a', 1);
    ledgers.follow(one);
  }
  await settle();
  port.operations();
});

const settle = (ms = 2_000): Promise<void> => server.clock.advance(ms);
const membership = (value: number | null): void => server.commit('me', [{ kind: 'membership', key: community, value }]);
const statuses = (): string[] => [name, `thread:${thread}`].map((one) => ledgers.state(one).status);

describe('ledgers of places that the member loses and gets back', () => {
  it('are asked for anew when the server has taken the connection out of their rooms, although it was let in again since', async () => {
    port.takeOut(name, 'member_left', member_left);
    port.takeOut(`thread:${thread}`, 'thread_deleted', { community_id: community, thread_id: thread });
    server.set(name, 'a', 2);
    server.set(`thread:${thread}`, 'a', 3);
    await settle();
    expect(statuses()).toEqual(['current', 'current']);
    expect([name, `thread:${thread}`].map((one) => ledgers.state(one).items('setting').get('a')?.value)).toEqual([2, 3]);
    expect(port.operations()).toEqual(['sync_ledgers']);
    server.set(name, 'a', 4);
    expect(ledgers.state(name).items('setting').get('a')?.value).toBe(4);
  });

  it('are not asked for when somebody else leaves', async () => {
    port.takeOut('none', 'member_left', { ...member_left, member_id: 'e'.repeat(24) });
    await settle();
    expect(port.operations()).toEqual([]);
  });

  it('are gone once lost, and there again once the membership is', async () => {
    const model = server.models.get(name)!;
    server.models.delete(name);
    port.takeOut(name, 'member_left', member_left);
    await settle();
    expect([statuses()[0], ledgers.state(name).items('setting').size]).toEqual(['gone', 0]);
    membership(null);
    await settle();
    expect(statuses()[0]).toBe('gone');
    server.models.set(name, model);
    membership(1);
    await settle();
    expect([statuses()[0], ledgers.state(name).items('setting').get('a')?.value]).toEqual(['current', 1]);
  });

  it('are read by strangers of a public community, and come by themselves once they belong to it', async () => {
    port.strange.add(name);
    port.takeOut(name, 'member_left', member_left);
    await settle();
    expect(statuses()[0]).toBe('current');
    port.strange.clear();
    server.set(name, 'a', 2);
    membership(2);
    await settle();
    server.set(name, 'b', 3);
    expect([...ledgers.state(name).items('setting')].map(([key, { value }]) => [key, value])).toEqual([
      ['a', 2],
      ['b', 3],
    ]);
  });

  it('that take a permission are asked for anew when roles, owner or membership change, since nothing tells of their loss', async () => {
    const invites = `${name}:manage_invites`;
    server.set(invites, 'a', 1);
    ledgers.follow(invites);
    await settle();
    for (const change of [
      () => membership(1),
      () => server.commit(name, [{ kind: 'role', key: 'r', value: 1 }]),
      () => server.commit(name, [{ kind: 'community', key: community, value: 1 }]),
    ]) {
      port.leave(invites);
      server.set(invites, 'a', 2);
      change();
      await settle();
      server.set(invites, 'a', 3);
      expect([ledgers.state(invites).status, ledgers.state(invites).items('setting').get('a')?.value]).toEqual(['current', 3]);
    }
  });

  it('a membership that changes while they come costs no request', async () => {
    membership(1);
    await settle();
    expect(port.operations()).toEqual([]);
  });
});
