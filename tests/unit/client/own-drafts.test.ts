import { beforeEach, describe, expect, it } from '@jest/globals';
import { type DraftStore, memoryDrafts, webDrafts } from '../../../src/client/draft-store.js';
import { Ledgers } from '../../../src/client/ledgers/ledgers.js';
import { OwnDrafts } from '../../../src/client/own-drafts.js';
import type { LedgersViewPort } from '../../../src/client/port.js';
import { Fault } from '../../../src/kernel/errors.js';
import { FakePort, FakeServer } from '../client-ledgers/fake-port.js';
import { hexId } from './thread-model.js';

const place = `thread:${hexId(7)}`;
const elsewhere = `thread:${hexId(8)}`;
let server: FakeServer;
let port: FakePort;
let ledgers: Ledgers;
let store: DraftStore;
let saved: string[];
let fault: Fault | null;
beforeEach(() => {
  server = new FakeServer();
  port = new FakePort(server);
  ledgers = new Ledgers(port);
  store = memoryDrafts();
  [saved, fault] = [[], null];
  server.commit('me', []);
});
const open = (): OwnDrafts =>
  new OwnDrafts(
    {
      ...{ clock: server.clock, random: () => 0.5, ledgers },
      get memberId() {
        return port.memberId;
      },
      get isOnline() {
        return port.isOnline;
      },
      onOnline: (listener: (online: boolean) => void) => port.onOnline(listener),
      operations: {
        saveDraft: async ({ content }: { content: string }) => {
          saved.push(content);
          if (fault) throw fault;
        },
      },
    } as unknown as LedgersViewPort,
    store,
  );
const comes = (content: string | null, of = place): void =>
  server.commit('me', [{ kind: 'draft', key: of, value: content === null ? null : { content, saved_at: '' } }]);
const settle = () => server.clock.advance(3_000);

describe('one’s drafts', () => {
  it('show at once, are saved once in a while, and are kept here until the ledger has them', async () => {
    const drafts = open();
    for (const text of ['H', 'He', 'Hel']) drafts.write(place, text);
    expect([drafts.read(place), saved, store.read().get(place)?.content]).toEqual(['Hel', [], 'Hel']);
    await settle();
    expect([saved, store.read().size]).toEqual([['Hel'], 1]);
    comes('Hel');
    expect([drafts.read(place), store.read().size]).toEqual(['Hel', 0]);
  });

  it('go on from what another device has written, which is later than one’s own', async () => {
    const drafts = open();
    await settle();
    let told = 0;
    drafts.subscribe(() => told++);
    comes('Hello');
    expect([drafts.read(place), told]).toEqual(['Hello', 1]);
    drafts.write(place, 'Hello there');
    await settle();
    comes('Hello');
    comes('Hello there');
    comes('Hello there, you');
    expect(drafts.read(place)).toBe('Hello there, you');
    comes(null);
    expect([drafts.read(place), store.read().size]).toEqual(['', 0]);
  });

  it('do not go back to what one has written over, nor to another device’s words while one writes', async () => {
    const drafts = open();
    await settle();
    drafts.write(place, 'One');
    await settle();
    drafts.write(place, 'One two');
    await settle();
    comes('One');
    expect(drafts.read(place)).toBe('One two');
    drafts.write(place, 'One two three');
    comes('From elsewhere');
    expect(drafts.read(place)).toBe('One two three');
    await settle();
    comes('One two three');
    expect(store.read().size).toBe(0);
  });

  it('are saved when they can be, and not again and again when they are refused', async () => {
    port.connect(false);
    const drafts = open();
    drafts.write(place, 'Away');
    await settle();
    expect(saved).toEqual([]);
    fault = new Fault('overloaded', undefined, { retry_after_ms: 2_000 });
    port.connect(true);
    await settle();
    fault = new Fault('validation_failed');
    await settle();
    const times = saved.length;
    await settle();
    await settle();
    expect([times, saved.length]).toEqual([3, 3]);
    expect(drafts.read(place)).toBe('Away');
    fault = null;
    drafts.write(place, 'Back');
    await settle();
    expect(saved.at(-1)).toBe('Back');
  });

  it('are found by the next page: what was not said is said, what was said long ago is the ledger’s', async () => {
    const now = server.clock.now();
    store.write(place, { content: 'Not said', saidAt: null });
    store.write(elsewhere, { content: 'Said, and sent from another device', saidAt: now - 3_600_000 });
    const drafts = open();
    expect([drafts.read(place), drafts.read(elsewhere)]).toEqual(['Not said', 'Said, and sent from another device']);
    await settle();
    expect([drafts.read(place), drafts.read(elsewhere), saved]).toEqual(['Not said', '', ['Not said']]);
    // Said a moment ago: the server gathers for a while.
    drafts.close();
    const next = open();
    await settle();
    expect([next.read(place), saved]).toEqual(['Not said', ['Not said']]);
    comes('Not said');
    expect(store.read().size).toBe(0);
  });

  it('are saved at once when the page may end, and never by whoever signs in next', async () => {
    const drafts = open();
    drafts.write(place, 'Mine');
    void drafts.flush();
    expect(saved).toEqual(['Mine']);
    drafts.write(place, 'Mine too');
    port.memberId = hexId(2);
    drafts.close();
    await settle();
    expect(saved).toEqual(['Mine']);
  });

  it('are kept by member in the browser’s storage, and what is no draft there is none', () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
      key: (at: number) => [...kept.keys()][at] ?? null,
      get length() {
        return kept.size;
      },
    };
    const [ann, bob] = [webDrafts(storage)('ann'), webDrafts(storage)('bob')];
    ann.write(place, { content: 'a secret', saidAt: 5 });
    kept.set('parley.draft.ann.x', 'no JSON');
    expect([ann.read(), bob.read()]).toEqual([new Map([[place, { content: 'a secret', saidAt: 5 }]]), new Map()]);
    ann.write(place, null);
    expect(ann.read().size).toBe(0);
  });
});
