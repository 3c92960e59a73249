import { beforeEach, describe, expect, it } from '@jest/globals';
import { saveMs } from '../../../src/client/ledgers/ledger-saves.js';
import { Ledgers } from '../../../src/client/ledgers/ledgers.js';
import { communityLedger, FakePort, FakeServer } from './fake-port.js';

let server: FakeServer;
let port: FakePort;
let ledgers: Ledgers;
beforeEach(() => {
  server = new FakeServer();
  port = new FakePort(server);
  ledgers = new Ledgers(port);
});

const settle = (ms = 2_000): Promise<void> => server.clock.advance(ms);
const settings = (name: string, of = ledgers): Record<string, unknown> =>
  Object.fromEntries([...of.state(name).items('setting')].map(([key, { value }]) => [key, value]));

describe('what is kept of ledgers', () => {
  it('drops what is gone, and asks for it again at the next connection', async () => {
    server.set('me', 'a', 1);
    ledgers.follow('me');
    await settle();
    server.models.delete('me');
    port.connect(false);
    port.connect(true);
    await settle();
    expect([ledgers.state('me').status, settings('me'), await port.kept.load('me')]).toEqual(['gone', {}, null]);
    server.set('me', 'b', 2);
    port.connect(false);
    port.connect(true);
    await settle();
    expect([ledgers.state('me').status, settings('me')]).toEqual(['current', { b: 2 }]);
  });

  it('drops what is gone between two connections too, and finds it again when it is followed again', async () => {
    server.set('me', 'a', 1);
    ledgers.follow('me');
    await settle();
    const model = server.model('me');
    server.models.delete('me');
    port.hear({ ledger: 'me', after_rev: 8, head_rev: 8, items: [] });
    await settle();
    expect([ledgers.state('me').status, settings('me')]).toEqual(['gone', {}]);
    server.models.set('me', model);
    ledgers.follow('me');
    await settle();
    expect([ledgers.state('me').status, settings('me')]).toEqual(['current', { a: 1 }]);
  });

  it('drops all of a history that is over, in memory and in the store', async () => {
    const names = ['me', communityLedger(1)];
    for (const name of names) {
      server.set(name, 'a', 1);
      server.set(name, 'lost', 1);
      ledgers.follow(name);
    }
    server.set(communityLedger(2), 'a', 1);
    const unfollow = ledgers.follow(communityLedger(2));
    await settle();
    unfollow();
    await settle();
    expect(await port.kept.load(communityLedger(2))).not.toBeNull();
    port.connect(false);
    server.restore(1);
    for (const name of names) server.set(name, 'new', 1);
    port.connect(true);
    await settle();
    for (const name of names) expect(settings(name)).toEqual({ a: 1, new: 1 });
    expect(await port.kept.load(communityLedger(2))).toBeNull();
    expect((await port.kept.load('me'))?.items.map(({ key }) => key).sort()).toEqual(['a', 'new']);
  });

  it('goes on from what was stored, without asking for it again', async () => {
    for (let n = 0; n < 5; n++) server.set('me', `k${n}`, n);
    ledgers.follow('me');
    await settle(saveMs + 500);
    ledgers.close();
    const next = new FakePort(server, port.kept);
    next.isOnline = false;
    const again = new Ledgers(next);
    again.follow('me');
    await settle();
    expect([again.state('me').status, Object.keys(settings('me', again)).length]).toEqual(['offline', 5]);
    server.set('me', 'k0', null);
    next.connect(true);
    await settle();
    expect([again.state('me').status, Object.keys(settings('me', again)).length]).toEqual(['current', 4]);
    expect(next.asked.map(({ input }) => input)).toEqual([{ ledgers: { me: 5 }, history: server.history }]);
  });

  it('keeps nothing of whoever signed out, and follows for nobody', async () => {
    server.set('me', 'a', 1);
    const unfollow = ledgers.follow('me');
    await settle();
    server.set('me', 'b', 1);
    port.memberId = null;
    ledgers.forget();
    unfollow();
    await settle();
    expect([ledgers.state('me').status, settings('me'), await port.kept.load('me')]).toEqual(['unknown', {}, null]);
    expect(() => ledgers.follow('me')).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  });
});
