import { expect } from '@jest/globals';
import type { ParleyClient } from '../../src/client/index.js';
import type { Message, Thread } from '../../src/protocol/resources.js';

/** Everything that is stored in a thread, by REST. */
export const readAll = async (client: ParleyClient, thread_id: string): Promise<Message[]> => {
  const all: Message[] = [];
  for (let after = 0; ; ) {
    const page = await client.operations.listMessages({ thread_id, after_seq: after, limit: 100 });
    all.push(...page.items);
    if (page.items.length === 0) return all;
    after = page.items.at(-1)!.seq;
  }
};

interface Acknowledged {
  message: Message;
  /** Wall time in ms. */
  at: number;
}

/**
 * People who go on talking, each to each thread in turn, one message after the other: every send is repeated with its nonce
 * until it is acknowledged, for a minute at most. What was acknowledged is kept, to be compared with what is stored.
 */
export class Talk {
  readonly #threads: readonly Thread[];
  readonly #acknowledged: Acknowledged[] = [];
  readonly #work: Promise<void>[];
  readonly #name = Math.random().toString(36).slice(2);
  #going = true;
  #endedAt = Number.POSITIVE_INFINITY;

  /** `pauseMs`: after each send. */
  constructor(people: readonly ParleyClient[], threads: readonly Thread[], pauseMs = 20) {
    this.#threads = threads;
    this.#work = people.map((person, i) => this.#go(person, i, pauseMs));
  }

  /** Acknowledged so far, of one thread or of all. */
  count(thread?: Thread): number {
    return this.#acknowledged.filter((a) => !thread || a.message.thread_id === thread.id).length;
  }

  /** The longest time in ms in which a thread had no acknowledgement, though people talked: who ends late does so alone. */
  silence(): number {
    const talked = this.#acknowledged.filter((a) => a.at <= this.#endedAt);
    return Math.max(
      ...this.#threads.map(({ id }) => {
        const times = [...talked.filter((a) => a.message.thread_id === id).map((a) => a.at), this.#endedAt];
        return Math.max(...times.slice(1).map((at, i) => at - times[i]!));
      }),
    );
  }

  /**
   * Ends the talk, rejects when a send failed for good, and compares: each acknowledged send once, in its author's
   * order, no hole. Answers the last seq of each thread.
   */
  async endAndCheck(reader: ParleyClient): Promise<Map<string, number>> {
    this.#going = false;
    this.#endedAt = Date.now();
    await Promise.all(this.#work);
    const last = new Map<string, number>();
    for (const { id } of this.#threads) {
      const stored = await readAll(reader, id);
      expect(stored.map((m) => m.seq)).toEqual(stored.map((_m, i) => i + 1));
      last.set(id, stored.length);
      const texts = stored.map((m) => ('content' in m ? m.content : m.id));
      expect(new Set(texts).size).toBe(texts.length);
      const byId = new Map(stored.map((m) => [m.id, m.seq]));
      const highest = new Map<string, number>();
      for (const { message } of this.#acknowledged.filter((a) => a.message.thread_id === id)) {
        expect(byId.get(message.id)).toBe(message.seq);
        const author = 'author' in message ? JSON.stringify(message.author) : '';
        expect(message.seq).toBeGreaterThan(highest.get(author) ?? 0);
        highest.set(author, message.seq);
      }
    }
    return last;
  }

  async #go(person: ParleyClient, i: number, pauseMs: number): Promise<void> {
    for (let n = 0; this.#going; n++) {
      const thread = this.#threads[(i + n) % this.#threads.length]!;
      const message = await person.send(thread.id, { content: `${this.#name} ${i}/${n}` }, { withinMs: 60_000, timeoutMs: 2_000 });
      this.#acknowledged.push({ message, at: Date.now() });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
