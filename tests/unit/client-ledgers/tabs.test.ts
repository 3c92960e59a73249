import { beforeEach, describe, expect, it } from '@jest/globals';
import { saveMs } from '../../../src/client/ledgers/ledger-saves.js';
import { MemoryLedgerStore } from '../../../src/client/ledgers/ledger-store.js';
import { Ledgers } from '../../../src/client/ledgers/ledgers.js';
import type { TabLeader, TabMessage } from '../../../src/client/ledgers/tab-leader.js';
import { Listeners } from '../../../src/client/listeners.js';
import { communityLedger, FakePort, FakeServer } from './fake-port.js';

/** The tabs of one browser: the one that was opened first leads, and messages take 1 ms. */
class FakeTabs {
  readonly #server: FakeServer;
  readonly #tabs: FakeTab[] = [];
  /** How many of the next messages are lost. */
  lose = 0;

  constructor(server: FakeServer) {
    this.#server = server;
  }

  open(): FakeTab {
    const tab = new FakeTab(this);
    this.#tabs.push(tab);
    tab.isLeading = this.#tabs[0] === tab;
    return tab;
  }

  post(from: FakeTab, message: TabMessage): void {
    const copy = structuredClone(message);
    if (this.lose-- > 0) return;
    this.#server.clock.after(1, () => {
      for (const tab of this.#tabs) if (tab !== from) tab.told.tell(copy);
    });
  }

  end(tab: FakeTab): void {
    this.#tabs.splice(this.#tabs.indexOf(tab), 1);
    const [next] = this.#tabs;
    if (!next || next.isLeading) return;
    next.isLeading = true;
    next.leading.tell();
  }
}

class FakeTab implements TabLeader {
  isLeading = false;
  readonly leading = new Listeners();
  readonly told = new Listeners<[TabMessage]>();
  readonly #tabs: FakeTabs;

  constructor(tabs: FakeTabs) {
    this.#tabs = tabs;
  }

  onLeading(listener: () => void): () => void {
    return this.leading.add(listener);
  }

  tell(message: TabMessage): void {
    this.#tabs.post(this, message);
  }

  onTold(listener: (message: TabMessage) => void): () => void {
    return this.told.add(listener);
  }

  close(): void {
    this.#tabs.end(this);
  }
}

let server: FakeServer;
let tabs: FakeTabs;
let kept: MemoryLedgerStore;
beforeEach(() => {
  server = new FakeServer();
  tabs = new FakeTabs(server);
  kept = new MemoryLedgerStore();
});

const open = (): { port: FakePort; ledgers: Ledgers } => {
  const port = new FakePort(server, kept, tabs.open());
  return { port, ledgers: new Ledgers(port) };
};
const settle = (ms = 2_000): Promise<void> => server.clock.advance(ms);
const settings = ({ ledgers }: { ledgers: Ledgers }, name = 'me'): Record<string, unknown> =>
  Object.fromEntries([...ledgers.state(name).items('setting')].map(([key, { value }]) => [key, value]));

describe('two tabs of one browser', () => {
  it('ask once, whichever of them follows a ledger', async () => {
    const [one, two] = [open(), open()];
    const other = communityLedger(1);
    server.set('me', 'a', 1);
    server.set(other, 'b', 1);
    one.ledgers.follow('me');
    two.ledgers.follow('me');
    two.ledgers.follow(other);
    await settle();
    expect([settings(two), settings(two, other), two.ledgers.state('me').status]).toEqual([{ a: 1 }, { b: 1 }, 'current']);
    server.set('me', 'a', null);
    server.set(other, 'b', 2);
    await settle();
    expect([settings(one), settings(two), settings(two, other)]).toEqual([{}, {}, { b: 2 }]);
    expect(two.port.operations()).toEqual([]);
    expect(one.ledgers.state(other).status).toBe('current');
  });

  it('tell each other all of it after a message was lost', async () => {
    const [one, two] = [open(), open()];
    server.set('me', 'a', 1);
    for (const { ledgers } of [one, two]) ledgers.follow('me');
    await settle();
    tabs.lose = 1;
    server.set('me', 'b', 2);
    await settle();
    expect(settings(two)).toEqual({ a: 1 });
    server.set('me', 'c', 3);
    await settle();
    expect(settings(two)).toEqual({ a: 1, b: 2, c: 3 });
    expect(two.port.operations()).toEqual([]);
  });

  it('follow a snapshot, another history and a ledger that is gone', async () => {
    const [one, two] = [open(), open()];
    for (let n = 0; n < 35; n++) server.set('me', `k${n}`, n);
    server.set(communityLedger(1), 'a', 1);
    for (const { ledgers } of [one, two]) for (const name of ['me', communityLedger(1)]) ledgers.follow(name);
    await settle();
    expect(Object.keys(settings(two)).length).toBe(35);
    server.restore(5);
    server.models.delete(communityLedger(1));
    for (const { port } of [one, two]) {
      port.connect(false);
      port.connect(true);
    }
    await settle();
    expect([Object.keys(settings(two)).length, two.ledgers.state(communityLedger(1)).status]).toEqual([30, 'gone']);
    expect(settings(two)).toEqual(settings(one));
  });

  it('take over from each other with what they know, and keep saving it', async () => {
    const [one, two] = [open(), open()];
    server.set('me', 'a', 1);
    for (const { ledgers } of [one, two]) ledgers.follow('me');
    await settle(saveMs + 500);
    one.ledgers.close();
    server.set('me', 'b', 2);
    await settle();
    expect([settings(two), two.ledgers.state('me').status]).toEqual([{ a: 1, b: 2 }, 'current']);
    expect(two.port.asked.map(({ input }) => input)).toEqual([{ ledgers: { me: 1 }, history: server.history }]);
    const three = open();
    three.ledgers.follow('me');
    server.set('me', 'c', 3);
    await settle();
    expect([settings(three), three.port.operations(), (await kept.load('me'))?.rev]).toEqual([{ a: 1, b: 2, c: 3 }, [], 3]);
  });

  it('find a ledger that is there again when either follows it anew', async () => {
    const [one, two] = [open(), open()];
    for (const { ledgers } of [one, two]) ledgers.follow('me');
    await settle();
    expect([one, two].map(({ ledgers }) => ledgers.state('me').status)).toEqual(['gone', 'gone']);
    server.set('me', 'a', 1);
    two.ledgers.follow('me');
    await settle();
    expect([one, two].map(({ ledgers }) => ledgers.state('me').status)).toEqual(['current', 'current']);
    expect(settings(two)).toEqual({ a: 1 });
  });

  it('never go back to what an earlier tab had stored', async () => {
    const [one, two, three] = [open(), open(), open()];
    server.set('me', 'a', 1);
    one.ledgers.follow('me');
    three.ledgers.follow('me');
    await settle(saveMs + 500);
    server.set('me', 'a', 2);
    await settle(5);
    // The second tab, which does not follow it, leads now; the first had no time to save.
    two.ledgers.follow(communityLedger(1));
    one.port.memberId = null;
    one.ledgers.close();
    two.port.connect(false);
    const heard: unknown[] = [];
    three.ledgers.onChange(() => heard.push(settings(three).a));
    await settle();
    two.port.connect(true);
    server.set('me', 'a', 3);
    await settle();
    expect([settings(two).a, settings(three).a, heard.includes(1)]).toEqual([3, 3, false]);
  });

  it('goes on telling a ledger that only the other tab follows any more', async () => {
    const [one, two] = [open(), open()];
    server.set('me', 'a', 1);
    const stop = one.ledgers.follow('me');
    two.ledgers.follow('me');
    await settle();
    stop();
    await settle();
    server.set('me', 'a', 2);
    await settle();
    expect(settings(two)).toEqual({ a: 2 });
  });
});
