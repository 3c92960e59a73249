import { Fault } from '../kernel/errors.js';
import { atLeast } from './backoff.js';
import type { Timer } from './clock.js';
import type { DraftStore } from './draft-store.js';
import { Listeners } from './listeners.js';
import { followed, ownLedger } from './own-ledger.js';
import type { LedgersViewPort } from './port.js';
import type { RestOptions } from './way.js';

/** While somebody types on, what they have written is saved once in so long, ms. */
const saveEveryMs = 2_000;
const againMs = 5_000;
/** The server has put what it was told of into the ledger by then, or has lost it. */
const gatheredMs = 60_000;

/** What was written here and is not known to be in the ledger. */
interface Unsaved {
  content: string;
  /** `said`: to the server, by this page or one before it. `refused`: it is not said again until it is another text. */
  is: 'waiting' | 'under_way' | 'said' | 'refused';
  /** What this page has said of the place: an item with it is one's own, late. */
  readonly said: Set<string>;
}

/**
 * What one was writing, by place (`thread:<id>`, `community:<id>`), on all of one's devices. What is written here shows
 * here at once, and is kept in the store until an item of the ledger `me` has it; what is written later on another
 * device takes its place.
 */
export class OwnDrafts {
  readonly #port: LedgersViewPort;
  readonly #memberId: string | null;
  readonly #store: DraftStore;
  readonly #changed = new Listeners();
  readonly #stops: (() => void)[];
  readonly #unsaved = new Map<string, Unsaved>();
  /** What a page before this one said long ago: the ledger knows better, once that is known. */
  readonly #before = new Set<string>();
  #timer: Timer | undefined;
  #closed = false;

  constructor(port: LedgersViewPort, store: DraftStore) {
    this.#port = port;
    this.#memberId = port.memberId;
    this.#store = store;
    for (const [place, { content, saidAt }] of store.read()) {
      this.#unsaved.set(place, { content, is: saidAt === null ? 'waiting' : 'said', said: new Set([content]) });
      if (saidAt !== null && saidAt < port.clock.now() - gatheredMs) this.#before.add(place);
    }
    this.#stops = [
      followed(port, ownLedger),
      port.ledgers.onChange(({ ledger, items }) => {
        if (ledger !== ownLedger) return;
        for (const { kind, key } of items) if (kind === 'draft') this.#told(key);
        this.#settle();
      }),
      port.onOnline((online) => online && this.#saveIn(0)),
    ];
    this.#settle();
    this.#saveIn(0);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Empty where nothing is being written. */
  read(place: string): string {
    return this.#unsaved.get(place)?.content ?? this.#item(place);
  }

  /** Empty: nothing is being written there any more. */
  write(place: string, content: string): void {
    if (this.read(place) === content) return;
    const said = this.#unsaved.get(place)?.said ?? new Set<string>();
    this.#unsaved.set(place, { content, is: 'waiting', said });
    this.#before.delete(place);
    this.#store.write(place, { content, saidAt: null });
    this.#saveIn(saveEveryMs);
    this.#changed.tell();
  }

  /** Hears of what is other than before; answers how to stop. */
  subscribe(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  /** Saves at once, by requests that outlive the page; resolves once they have ended, whichever way. */
  async flush(): Promise<void> {
    await this.#save({ keepalive: true });
  }

  close(): void {
    void this.flush();
    this.#closed = true;
    this.#timer?.cancel();
    for (const stop of this.#stops.splice(0)) stop();
    this.#changed.clear();
  }

  #item(place: string): string {
    return this.#port.ledgers.state(ownLedger).items<{ content: string }>('draft').get(place)?.value.content ?? '';
  }

  #told(place: string): void {
    const held = this.#unsaved.get(place);
    if (held) {
      const content = this.#item(place);
      // Another device's word counts once this one has said its own, which came before; an earlier word of this device
      // does not.
      if (content !== held.content && (held.is !== 'said' || held.said.has(content))) return;
      this.#drop(place);
    }
    this.#changed.tell();
  }

  #settle(): void {
    if (this.#before.size === 0 || this.#port.ledgers.state(ownLedger).status !== 'current') return;
    for (const place of this.#before) this.#drop(place);
    this.#changed.tell();
  }

  #drop(place: string): void {
    this.#unsaved.delete(place);
    this.#before.delete(place);
    this.#store.write(place, null);
  }

  #saveIn(ms: number): void {
    if (!this.#closed) this.#timer ??= this.#port.clock.after(ms, () => void this.#save());
  }

  async #save(options: RestOptions = {}): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { memberId, isOnline } = this.#port;
    if (!isOnline || memberId === null || memberId !== this.#memberId) return;
    const waiting = [...this.#unsaved].filter(([, { is }]) => is === 'waiting');
    await Promise.all(waiting.map(([place, one]) => this.#say(place, one, options)));
  }

  async #say(place: string, one: Unsaved, options: RestOptions): Promise<void> {
    const { content } = one;
    one.is = 'under_way';
    one.said.add(content);
    this.#store.write(place, { content, saidAt: this.#port.clock.now() });
    await this.#port.operations.saveDraft({ place, content }, options).then(
      () => {
        one.is = 'said';
        // It may have been there already: then no item comes of it.
        if (this.#unsaved.get(place) === one && this.#item(place) === content) this.#told(place);
      },
      (thrown: unknown) => {
        const fault = Fault.from(thrown);
        one.is = fault.retryable ? 'waiting' : 'refused';
        if (this.#unsaved.get(place) !== one) return;
        this.#store.write(place, { content, saidAt: null });
        if (fault.retryable) this.#saveIn(atLeast(fault.retry_after_ms ?? againMs, this.#port.random));
      },
    );
  }
}
