import type { Message } from '../../src/protocol/resources.js';
import type { Act, Answer, Entry, Parted, PresenceSeen, ReceiptSeen, Seen, Told } from '../history/history.js';

/**
 * Writes down the history of a run. A message that is seen again in the same state is kept once: most of a history is the same
 * messages as seen by everyone.
 */
export class Recorder {
  readonly entries: Entry[] = [];
  readonly #beganAt = performance.now();
  /** Wall-clock ms of the beginning, to place lines of logs. */
  readonly epochMs = Date.now();
  readonly #messages = new Map<string, { message: Message; text: string }>();
  readonly #threads = new Map<string, string>();
  #ops = 0;
  /** Threads that not everybody may view, as far as anybody here knows. */
  readonly closed = new Set<string>();

  /** Ms from the beginning, whole. */
  now(): number {
    return Math.round(performance.now() - this.#beganAt);
  }

  add(entry: Entry): void {
    this.entries.push(entry);
  }

  call(client: string, member: string, act: Act): number {
    const op = ++this.#ops;
    this.entries.push({ kind: 'call', at: this.now(), op, client, member, act });
    return op;
  }

  answer(op: number, outcome: Answer['outcome'], more: Pick<Answer, 'code' | 'message' | 'read_seq' | 'thread' | 'again'> = {}): void {
    const { message } = more;
    this.entries.push({ kind: 'answer', at: this.now(), op, outcome, ...more, ...(message && { message: this.known(message) }) });
  }

  seen(client: string, member: string, by: Seen['by'], message: Message): Message {
    const known = this.known(message);
    this.entries.push({ kind: 'seen', at: this.now(), client, member, thread: known.thread_id, by, message: known });
    return known;
  }

  receipt(client: string, seen: Omit<ReceiptSeen, 'kind' | 'at' | 'client'>): void {
    this.entries.push({ kind: 'receipt', at: this.now(), client, ...seen });
  }

  presence(client: string, seen: Omit<PresenceSeen, 'kind' | 'at' | 'client'>): void {
    this.entries.push({ kind: 'presence', at: this.now(), client, ...seen });
  }

  /** A client was told of these threads; those that everybody may view are left out. */
  told(client: string, member: string, by: string, threads: Iterable<string>, way: Pick<Told, 'connection' | 'asked'>): void {
    for (const thread of threads) {
      if (this.closed.has(thread)) this.entries.push({ kind: 'told', at: this.now(), client, member, thread, by, ...way });
    }
  }

  parted(client: string, member: string, connection: number, what: Pick<Parted, 'thread' | 'community'>): void {
    this.entries.push({ kind: 'parted', at: this.now(), client, member, connection, ...what });
  }

  /** The same message, as it was first seen in this very state. */
  known(message: Message): Message {
    this.#threads.set(message.id, message.thread_id);
    const text = JSON.stringify(message);
    const key = `${message.id}.${message.rev}`;
    const held = this.#messages.get(key);
    if (held?.text === text) return held.message;
    if (!held) this.#messages.set(key, { message, text });
    return message;
  }

  /** The thread of a message that somebody has seen. */
  threadOf(message: string): string | undefined {
    return this.#threads.get(message);
  }
}
