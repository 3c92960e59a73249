import { Fault } from '../kernel/errors.js';
import type { Thread } from '../protocol/resources.js';
import { fullJitter } from './backoff.js';
import type { Timer } from './clock.js';
import { type CommunityChange, onCommunityEvents } from './community-events.js';
import { laidOver, withOwnMembership } from './community-items.js';
import { CommunityLedger } from './community-ledger.js';
import { firstPages, pageSize, withFirstPages } from './community-pages.js';
import { type CommunityState, emptyCommunity, sightOf, withMembers, withThreads } from './community-state.js';
import { CommunityThreads } from './community-threads.js';
import { Listeners } from './listeners.js';
import type { PayloadOf } from './operations.js';
import type { CommunityPort } from './port.js';
import { whenLive } from './readiness.js';

export type CommunityStatus = 'offline' | 'catching_up' | 'live' | 'gone';

const backoff = { baseMs: 500, maxMs: 8_000 };
/**
 * Members who see an event and ask for its thread do so within so many ms for each of them, and within the second in
 * any case.
 */
const spread = { msAMember: 2, mostMs: 30_000 };

/**
 * One community, kept live: its threads in order, its members and their presence. Events carry no numbers, so after
 * each connection it loads its first pages again; for a member only. What the community, its roles and its threads are,
 * and how one stands there oneself, follows from ledgers, whatever of events is lost or late.
 */
export class CommunityView {
  readonly communityId: string;
  readonly #port: CommunityPort;
  readonly #changed = new Listeners();
  readonly #forget: (() => void)[];
  readonly #threads: CommunityThreads;
  readonly #ledger: CommunityLedger;
  #state: CommunityState = emptyCommunity;
  #fault: Fault | null = null;
  #live = false;
  #life = 0;
  #failures = 0;
  #timer: Timer | undefined;
  #closed = false;
  /**
   * What events changed while the first pages were on their way: those may be older, so it is done again on top of
   * them.
   */
  #meanwhile: CommunityChange[] | null = null;

  constructor(communityId: string, port: CommunityPort) {
    this.communityId = communityId;
    this.#port = port;
    this.#threads = new CommunityThreads(port, {
      state: () => this.#state,
      change: (change) => this.#change(change),
      spreadMs: () => this.#spreadMs(),
    });
    this.#ledger = new CommunityLedger(communityId, port, {
      changed: () => this.#changeSight((state) => state, port.random() * this.#spreadMs()),
      lost: (threadIds) => this.#threads.lost(threadIds),
      stands: (own) => {
        // One belongs there (again).
        if (this.#fault) this.#again();
        else this.#changeSight((state) => withOwnMembership(state, own, port.memberId), 0);
      },
      readAll: (at) => at > this.#state.readAt && this.#threads.readAll(at),
      went: () => !this.#fault && this.#again(),
    });
    this.#forget = this.#listen();
    if (port.isOnline) this.#load();
  }

  get state(): CommunityState {
    return this.#state;
  }

  get status(): CommunityStatus {
    if (this.#fault) return 'gone';
    if (!this.#port.isOnline) return 'offline';
    return this.#live ? 'live' : 'catching_up';
  }

  /** Why the community is gone. */
  get fault(): Fault | null {
    return this.#fault;
  }

  /** Whether `close` was called; such a view follows nothing any more. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Hears of every change; answers how to stop. */
  subscribe(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  /** Resolves once it is live, or rejects with the Fault that keeps it from ever being. */
  ready(): Promise<void> {
    return whenLive(this, 'The community was closed');
  }

  /** Loads the next page of threads, when there is one. */
  async moreThreads(): Promise<void> {
    const cursor = this.#state.moreThreads;
    if (cursor === null) return;
    const page = await this.#port.operations.listThreads({ community_id: this.communityId, cursor, limit: pageSize });
    if (this.#state.moreThreads === cursor) this.#set({ ...withThreads(this.#state, page.items), moreThreads: page.next_cursor });
  }

  /** Loads the next page of members, when there is one. */
  async moreMembers(): Promise<void> {
    const cursor = this.#state.moreMembers;
    if (cursor === null) return;
    const page = await this.#port.operations.listCommunityMembers({ community_id: this.communityId, cursor, limit: pageSize });
    if (this.#state.moreMembers === cursor) this.#set({ ...withMembers(this.#state, page.items), moreMembers: page.next_cursor });
  }

  /** Begins a thread; it is in the list when this resolves. */
  async createThread(body: Omit<PayloadOf<'create_thread'>, 'community_id'>): Promise<Thread> {
    const thread = await this.#port.operations.createThread({ community_id: this.communityId, ...body });
    this.#set(withThreads(this.#state, [thread]));
    return thread;
  }

  /** A thread is not there (any more) for oneself, as was learnt elsewhere: no event may tell of it. */
  forgetThread(threadId: string): void {
    this.#threads.gone(threadId);
  }

  /** Stops following the community. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const forget of this.#forget) forget();
    this.#timer?.cancel();
    this.#threads.forget();
    this.#ledger.close();
    if (this.#port.isOnline) this.#port.emit('leave_community', { community_id: this.communityId }).catch(() => undefined);
    this.#changed.tell();
    this.#changed.clear();
  }

  #load(): void {
    const life = this.#life;
    const read = async (): Promise<void> => {
      this.#meanwhile = [];
      const pages = await firstPages(this.communityId, this.#port);
      if (life !== this.#life || this.#closed) return;
      this.#live = true;
      this.#failures = 0;
      const loaded = this.#laid(withFirstPages(this.#state, pages, this.#threads.read, this.#port.memberId));
      this.#threads.forget();
      this.#ledger.follow();
      const now = (this.#meanwhile ?? []).reduce((state, change) => change(state), loaded);
      this.#meanwhile = null;
      this.#set(now);
    };
    read().catch((thrown: unknown) => {
      if (life !== this.#life || this.#closed) return;
      const fault = Fault.from(thrown);
      if (fault.code === 'not_found' || fault.code === 'forbidden') {
        this.#gone(fault);
        return;
      }
      const wait = fault.retry_after_ms ?? Math.max(50, fullJitter(this.#failures++, backoff, this.#port.random));
      this.#timer = this.#port.clock.after(wait, () => this.#load());
    });
  }

  /** Loads anew what there is for oneself. */
  #again(): void {
    this.#fault = null;
    this.#life++;
    this.#timer?.cancel();
    if (this.#port.isOnline) this.#load();
    this.#changed.tell();
  }

  #listen(): (() => void)[] {
    const { communityId: id } = this;
    const port = this.#port;
    return [
      port.onOnline((online) => {
        this.#life++;
        this.#live = false;
        this.#timer?.cancel();
        this.#threads.forget();
        if (online && !this.#fault) this.#load();
        this.#changed.tell();
      }),
      ...onCommunityEvents(id, port, {
        change: (change) => this.#change(change),
        changeSight: (change, atOnce) => this.#changeSight(change, atOnce ? 0 : port.random() * this.#spreadMs()),
        items: () => this.#ledger.items,
        made: (thread) => this.#threads.made(thread),
        heard: (thread) => this.#threads.heard(thread),
        deleted: (threadId) => this.#threads.gone(threadId),
        gone: (fault) => this.#gone(fault),
      }),
      port.onRead((threadId, seq) => this.#threads.readTo(threadId, seq)),
      port.onAllRead((communityId, at) => (communityId ?? id) === id && this.#threads.readAll(at)),
    ];
  }

  #change(change: CommunityChange): void {
    this.#meanwhile?.push(change);
    this.#set(change(this.#state));
  }

  /**
   * With other roles one may see other threads, of which no event tells: the first pages are loaded again, after so
   * many ms.
   */
  #changeSight(change: CommunityChange, afterMs: number): void {
    const before = sightOf(this.#state);
    this.#change(change);
    if (sightOf(this.#state) === before || this.#fault || !this.#port.isOnline) return;
    this.#life++;
    this.#timer?.cancel();
    this.#timer = this.#port.clock.after(afterMs, () => this.#load());
  }

  #spreadMs(): number {
    return Math.min(spread.mostMs, (this.#state.community?.member_count ?? 0) * spread.msAMember);
  }

  #gone(fault: Fault): void {
    this.#fault = fault;
    this.#live = false;
    this.#changed.tell();
  }

  #laid(state: CommunityState): CommunityState {
    return laidOver(state, this.#ledger.items, this.#port.memberId);
  }

  #set(next: CommunityState): void {
    const state = this.#laid(next);
    if (state === this.#state || this.#closed) return;
    this.#state = state;
    this.#changed.tell();
  }
}
