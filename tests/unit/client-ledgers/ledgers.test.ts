import { beforeEach, describe, expect, it } from '@jest/globals';
import type { LedgerChange } from '../../../src/client/ledgers/ledger-reading.js';
import { Ledgers } from '../../../src/client/ledgers/ledgers.js';
import { namesAtOnce } from '../../../src/client/ledgers/ledgers-port.js';
import { Fault } from '../../../src/kernel/errors.js';
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

describe('ledgers of a connection', () => {
  it('brings a ledger at once, and what changes from then on without asking', async () => {
    server.set('me', 'a', 1);
    ledgers.follow('me');
    await settle();
    expect([ledgers.state('me').status, settings('me')]).toEqual(['current', { a: 1 }]);
    server.set('me', 'b', 2);
    server.set('me', 'a', null);
    expect(settings('me')).toEqual({ b: 2 });
    expect(port.operations()).toEqual(['sync_ledgers']);
  });

  it('tells which items have changed', async () => {
    server.set('me', 'a', 1);
    ledgers.follow('me');
    const heard: LedgerChange[] = [];
    const stop = ledgers.onChange((change) => heard.push(change));
    await settle();
    server.set('me', 'b', 2);
    stop();
    server.set('me', 'c', 3);
    expect(heard.filter(({ items }) => items.length > 0)).toEqual([
      { ledger: 'me', items: [{ kind: 'setting', key: 'a' }] },
      { ledger: 'me', items: [{ kind: 'setting', key: 'b' }] },
    ]);
  });

  it('tells when a ledger is current again though nothing has changed', async () => {
    server.set('me', 'a', 1);
    ledgers.follow('me');
    await settle();
    const heard: string[] = [];
    ledgers.onChange(() => heard.push(ledgers.state('me').status));
    port.connect(false);
    port.connect(true);
    await settle();
    expect(heard).toEqual(['offline', 'catching_up', 'current']);
  });

  it('asks for what a lost event told, and for what a hint tells of', async () => {
    server.set('me', 'a', 1);
    ledgers.follow('me');
    await settle();
    server.set('me', 'a', 2, true);
    server.set('me', 'b', 1);
    expect(ledgers.state('me').status).toBe('catching_up');
    await settle();
    expect(settings('me')).toEqual({ a: 2, b: 1 });
    server.set('me', 'b', 2, true);
    server.tell({ ...server.model('me').hint(), ledger: 'me' });
    await settle();
    expect(settings('me')).toEqual({ a: 2, b: 2 });
    expect(port.operations()).toEqual(['sync_ledgers', 'sync_ledger', 'sync_ledger']);
  });

  it('asks once for each 200 after a reconnect, whatever was missed', async () => {
    const names = Array.from({ length: 2 * namesAtOnce + 1 }, (_, n) => communityLedger(n));
    for (const name of names) {
      server.set(name, 'a', 1);
      ledgers.follow(name);
    }
    await settle();
    port.connect(false);
    for (const name of names.slice(0, 5)) server.set(name, 'a', 2);
    expect(ledgers.state(names[0]!).status).toBe('offline');
    port.operations();
    port.connect(true);
    await settle();
    expect(port.operations()).toEqual(['sync_ledgers', 'sync_ledgers', 'sync_ledgers']);
    expect(names.map((name) => settings(name).a)).toEqual(names.map((_, n) => (n < 5 ? 2 : 1)));
    expect(new Set(names.map((name) => ledgers.state(name).status))).toEqual(new Set(['current']));
  });

  it('follows a snapshot to its end, and what changed meanwhile', async () => {
    for (let n = 0; n < 35; n++) server.set('me', `k${n}`, n);
    ledgers.follow('me');
    await settle(15);
    server.set('me', 'k0', 100);
    server.set('me', 'k34', null);
    await settle();
    expect([ledgers.state('me').status, Object.keys(settings('me')).length, settings('me').k0]).toEqual(['current', 34, 100]);
  });

  it('begins a snapshot anew that a lost connection broke off', async () => {
    for (let n = 0; n < 35; n++) server.set('me', `k${n}`, n);
    ledgers.follow('me');
    await settle(25);
    port.connect(false);
    server.set('me', 'k0', null);
    port.connect(true);
    await settle();
    expect([ledgers.state('me').status, Object.keys(settings('me')).length]).toEqual(['current', 34]);
  });

  it('does not take an answer of an earlier connection for a subscription of this one', async () => {
    server.set('me', 'a', 1);
    port.isLate = true;
    ledgers.follow('me');
    await settle(5);
    port.connect(false);
    port.connect(true);
    await settle();
    server.set('me', 'a', 2);
    expect([settings('me'), port.operations()]).toEqual([{ a: 2 }, ['sync_ledgers', 'sync_ledgers']]);
  });

  it('asks again for what the server had no time for', async () => {
    const [one, two] = [communityLedger(1), communityLedger(2)];
    for (const name of [one, two]) {
      server.set(name, 'a', 1);
      ledgers.follow(name);
    }
    port.later = [one];
    await settle(15);
    expect([ledgers.state(one).status, ledgers.state(two).status]).toEqual(['catching_up', 'current']);
    await settle();
    expect([ledgers.state(one).status, settings(one)]).toEqual(['current', { a: 1 }]);
    expect(port.asked.map(({ input }) => Object.keys('ledgers' in input ? input.ledgers : {}))).toEqual([[one, two], [one]]);
  });

  it('asks again after errors, no sooner than the server wants it', async () => {
    server.set('me', 'a', 1);
    port.fail = [new Fault('timeout'), new Fault('overloaded', undefined, { retry_after_ms: 5_000 })];
    ledgers.follow('me');
    await settle(4_000);
    expect(port.operations()).toEqual(['sync_ledgers', 'sync_ledgers']);
    await settle(5_000);
    expect([port.operations(), settings('me')]).toEqual([['sync_ledgers'], { a: 1 }]);
    server.set('me', 'a', 2, true);
    server.set('me', 'a', 3);
    port.fail = [new Fault('timeout'), new Fault('rate_limited', undefined, { retry_after_ms: 1_000 })];
    await settle(10_000);
    expect([port.operations(), settings('me')]).toEqual([['sync_ledger', 'sync_ledger', 'sync_ledger'], { a: 3 }]);
  });

  it('stops following with the last who does', async () => {
    server.set('me', 'a', 1);
    const stops = [ledgers.follow('me'), ledgers.follow('me')];
    await settle();
    stops[0]!();
    stops[0]!();
    await settle();
    expect(ledgers.state('me').status).toBe('current');
    server.set('me', 'b', 1);
    stops[1]!();
    await settle();
    expect(ledgers.state('me').status).toBe('unknown');
    expect((await port.kept.load('me'))?.rev).toBe(2);
  });

  it('refuses what is no name of a ledger', () => {
    for (const name of ['', 'you', 'community:1', `thread:${'0'.repeat(25)}`, `${communityLedger(1)}:`, `${communityLedger(1)}:Post`])
      expect(() => ledgers.follow(name)).toThrow(expect.objectContaining({ code: 'validation_failed' }));
    expect(ledgers.follow(`${communityLedger(1)}:manage_invites`)).toBeInstanceOf(Function);
  });

  it('asks for all when a head that was told of is never reached', async () => {
    server.set('me', 'a', 1);
    ledgers.follow('me');
    await settle();
    port.operations();
    port.hear({ ledger: 'me', after_rev: 99, head_rev: 99, items: [] });
    await settle(120_000);
    expect(ledgers.state('me').status).toBe('current');
    expect(port.asked.at(-1)?.input).toMatchObject({ ledger: 'me' });
    expect(port.asked.length).toBeLessThan(10);
  });
});
