import { describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { MemoryLedgerStore, ParleyClient } from '../../../src/client/index.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { SignedIn } from '../../../src/protocol/resources.js';
import { FakeWires } from '../client/fake-wires.js';
import { me, other } from '../client/thread-model.js';

const history = 'a'.repeat(24);
const signedIn = (id: string): SignedIn => ({
  access_token: `a ${id}`,
  refresh_token: `r ${id}`,
  expires_in: 900,
  device_token: 'd',
  member: { id } as SignedIn['member'],
});

describe('ledgers of a client', () => {
  it('are asked for by its socket, and are of the member who is signed in alone', async () => {
    const clock = new FakeClock();
    const wires = new FakeWires();
    const stores = new Map<string, MemoryLedgerStore>();
    const client = new ParleyClient({
      urls: ['http://one'],
      clock,
      random: () => 0.5,
      dial: wires.dial,
      fetch: async () => new Response('{}', { status: 404 }),
      ledgers: (memberId) => {
        const store = stores.get(memberId) ?? new MemoryLedgerStore();
        stores.set(memberId, store);
        return store;
      },
    });
    client.session.begin(signedIn(me));
    client.connection.start();
    wires.last.open();
    client.ledgers.follow('me');
    await clock.advance(10);
    expect(wires.last.sent.map(({ event, payload }) => [event, payload])).toEqual([['sync_ledgers', { ledgers: { me: -1 } }]]);
    const items = [{ kind: 'setting', key: 'theme', rev: 3, value: 'dark' }];
    const page = { ledger: 'me', items, rev: 3, head_rev: 3, reset: true, next_cursor: null };
    wires.last.answer({ ledgers: [page], silent: [], gone: [], later: [], history });
    await clock.advance(2_000);
    const theme = (): string | undefined => client.ledgers.state('me').items<string>('setting').get('theme')?.value;
    expect([theme(), (await stores.get(me)?.load('me'))?.rev]).toEqual(['dark', 3]);
    wires.last.tell('ledger_changed', { ledger: 'me', after_rev: 3, head_rev: 4, items: [{ ...items[0], rev: 4, value: 'light' }] });
    expect(theme()).toBe('light');
    client.session.end('signed_out');
    client.session.begin(signedIn(other));
    client.connection.start();
    wires.last.open();
    client.ledgers.follow('me');
    await clock.advance(2_000);
    expect([theme(), await stores.get(me)?.load('me')]).toEqual([undefined, null]);
    expect(wires.last.sent.map(({ payload }) => payload)).toEqual([{ ledgers: { me: -1 } }]);
    client.close();
  });

  it('bring no schema into a page', async () => {
    const { metafile } = await build({
      entryPoints: ['src/client/index.ts'],
      bundle: true,
      format: 'esm',
      metafile: true,
      write: false,
    });
    const inputs = Object.keys(metafile.inputs);
    expect(inputs).toContain('src/client/ledgers/ledgers.ts');
    expect(inputs.filter((input) => /node_modules\/zod\/|src\/features\/|src\/catalogue\//.test(input))).toEqual([]);
  });
});
