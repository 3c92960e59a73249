import type { Notification } from '../protocol/resources.js';
import type { Timer } from './clock.js';
import { Listeners } from './listeners.js';
import type { PayloadOf } from './operations.js';
import { followed, ownLedger } from './own-ledger.js';
import type { LedgersViewPort } from './port.js';

/** The ledger has no more of them. */
const most = 1_000;
/** What could not be marked shows as unread again so long after, ms. */
const againMs = 5_000;

const newestFirst = (a: Notification, b: Notification): number =>
  Date.parse(b.created_at) - Date.parse(a.created_at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/**
 * One's newest notifications, live, by their items in the ledger `me`: what comes, what is read on another device and
 * what leads nowhere any more shows here at once. What is read here shows as read before the server has said so.
 */
export class OwnNotifications {
  readonly #port: LedgersViewPort;
  readonly #changed = new Listeners();
  readonly #stops: (() => void)[];
  /** When those were read here of which the ledger does not say so yet, by id. */
  readonly #readHere = new Map<string, string>();
  readonly #timers = new Set<Timer>();
  #all: readonly Notification[] = [];
  #unread: readonly Notification[] = [];
  #closed = false;

  constructor(port: LedgersViewPort) {
    this.#port = port;
    this.#stops = [
      followed(port, ownLedger),
      port.ledgers.onChange(({ ledger, items }) => {
        if (ledger === ownLedger && items.some(({ kind }) => kind === 'notification')) this.#look();
      }),
    ];
    this.#look();
  }

  /** The newest first. */
  get all(): readonly Notification[] {
    return this.#all;
  }

  get unread(): readonly Notification[] {
    return this.#unread;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  subscribe(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  /** Marks as read: those named, or all. */
  read(ids?: readonly string[]): void {
    const named = ids && new Set(ids);
    this.#mark(ids ? { ids: [...ids] } : {}, ({ id }) => !named || named.has(id));
  }

  /** Marks as read all that a thread has, also what is not among the newest. */
  readThread(threadId: string): void {
    this.#mark({ thread_id: threadId }, ({ thread_id }) => thread_id === threadId);
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops.splice(0)) stop();
    for (const timer of this.#timers) timer.cancel();
    this.#changed.clear();
  }

  #mark(body: PayloadOf<'read_notifications'>, matches: (one: Notification) => boolean): void {
    const ids = this.#unread.filter(matches).map(({ id }) => id);
    const now = new Date(this.#port.clock.now()).toISOString();
    for (const id of ids) this.#readHere.set(id, now);
    this.#look();
    this.#port.operations.readNotifications(body).catch(() => {
      if (this.#closed) return;
      const timer = this.#port.clock.after(againMs, () => {
        this.#timers.delete(timer);
        for (const id of ids) if (this.#readHere.get(id) === now) this.#readHere.delete(id);
        this.#look();
      });
      this.#timers.add(timer);
    });
  }

  #look(): void {
    const items = this.#port.ledgers.state(ownLedger).items<Notification>('notification');
    for (const id of this.#readHere.keys()) if (items.get(id)?.value.read_at !== null) this.#readHere.delete(id);
    const all = [...items.values()].map(({ value }) => value).sort(newestFirst);
    this.#all = all.slice(0, most).map((one) => {
      const read_at = this.#readHere.get(one.id);
      return read_at === undefined ? one : { ...one, read_at };
    });
    this.#unread = this.#all.filter(({ read_at }) => read_at === null);
    this.#changed.tell();
  }
}
