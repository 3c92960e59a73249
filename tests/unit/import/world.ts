import { Importer, type ImportOptions, type ImportSummary } from '../../../scripts/import/importer.js';
import type { Import } from '../../../src/actors/domain/thread/messages.js';
import type { ActorSystem, Address, Message } from '../../../src/actors/runtime/actor.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';

export interface Written {
  community?: string;
  thread?: string;
  author?: string;
  at?: string;
  content?: string;
}
export const line = (w: Written): string =>
  JSON.stringify({ community: 'Lean', thread: 'T', author: 'Ada', at: '2020-01-01T00:00:00.000Z', content: 'hello', ...w });

/** A store to import to, and actors that take what comes as a cluster's would. */
export class ImportWorld {
  readonly clock = new FakeClock();
  store: Store = createMemoryStore({ clock: this.clock });
  /** What threads got, by thread id. */
  sent = new Map<string, Import['items']>();
  recounted: string[] = [];
  rejected: { line: number; reason: string }[] = [];

  readonly actors: Pick<ActorSystem, 'ask'> = {
    ask: (async (to: Address, message: Message) => {
      if (message.type === 'recount') {
        this.recounted.push(to.key);
        return null;
      }
      const { items } = message as Import;
      const there = this.sent.get(to.key) ?? [];
      this.sent.set(to.key, there);
      const fresh = items.filter((item) => !there.some((known) => known.nonce === item.nonce && known.author === item.author));
      there.push(...fresh);
      return { stored: fresh.length, known: items.length - fresh.length };
    }) as ActorSystem['ask'],
  };

  importing(texts: readonly (string | null)[], more: Partial<ImportOptions> = {}): Promise<ImportSummary> {
    return new Importer({
      store: this.store,
      actors: this.actors,
      clock: this.clock,
      lines: (async function* () {
        for (const [i, text] of texts.entries()) {
          const at = { number: i + 1, bytes: i };
          yield text === null ? { ...at, text, reason: 'is too long' } : { ...at, text };
        }
      })(),
      reject: (number, reason) => this.rejected.push({ line: number, reason }),
      ...more,
    }).run();
  }
}
