import { Fault } from '../kernel/errors.js';
import type { Thread } from '../protocol/resources.js';
import { fullJitter } from './backoff.js';
import type { Timer } from './clock.js';
import { type CommunityChange, onCommunityEvents } from './community-events.js';
import {
  type CommunityState,
  emptyCommunity,
  isUncertain,
  isUncertainAfterRead,
  sightOf,
  withAllRead,
  withCommunity,
  withMembers,
  withoutThread,
  withRead,
  withThreads,
} from './community-state.js';
import { FreshThreads } from './fresh-threads.js';
import { Listeners } from './listeners.js';
import type { PayloadOf } from './operations.js';
import type { CommunityPort } from './port.js';
import { whenLive } from './readiness.js';

export type CommunityStatus = 'offline' | 'catching_up' | 'live' | 'gone';

const pageSize = 100;
const backoff = { baseMs: 500, maxMs: 8_000 };
/** Members who see an event and ask for its thread do so within so many ms for each of them, and within the second in any case. */
const spread = { msAMember: 2, mostMs: 30_000 };

/**
 * One community, kept live: its threads in order, its members and their presence. Its events carry no numbers, so after
 * each connection it loads its first pages again; for a member only.
 */
export class CommunityView {
  readonly communityId: string;
  readonly #port: CommunityPort;
  readonly #changed = new Listeners();
  readonly #forget: (() => void)[];
  readonly #fresh: FreshThreads;
  /** How far this client has read, which a list that was asked for earlier does not know yet. */
  readonly #read = new Map<string, number>();
  #state: CommunityState = emptyCommunity;
  #fault: Fault | null = null;
  #live = false;
  #life = 0;
  #failures = 0;
  #timer: Timer | undefined;
  #closed = false;
  /** What events changed while the first pages were on their way: those may be older, so it is done again on top of them. */
  #meanwhile: CommunityChange[] | null = null;

  constructor(communityId: string, port: CommunityPort) {
    this.communityId = communityId;
    this.#port = port;
    this.#fresh = new FreshThreads({
      clock: port.clock,
      random: port.random,
      spreadMs: () => this.#spreadMs(),
      ask: (id) => port.operations.getThread({ thread_id: id }),
      took: (thread) => this.#took(thread),
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
    this.#change((state) => withoutThread(state, threadId));
  }

  /** Stops following the community. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const forget of this.#forget) forget();
    this.#timer?.cancel();
    this.#fresh.forget();
    if (this.#port.isOnline) this.#port.emit('leave_community', { community_id: this.communityId }).catch(() => undefined);
    this.#changed.tell();
    this.#changed.clear();
  }

  /** Subscribes first and reads after, so that nothing falls in between. */
  #load(): void {
    const life = this.#life;
    const id = this.communityId;
    const read = async (): Promise<void> => {
      this.#meanwhile = [];
      const { community } = await this.#port.emit('join_community', { community_id: id });
      const [threads, members] = await Promise.all([
        this.#port.operations.listThreads({ community_id: id, limit: pageSize }),
        this.#port.operations.listCommunityMembers({ community_id: id, limit: pageSize }),
      ]);
      if (life !== this.#life || this.#closed) return;
      const fresh = { ...withCommunity(this.#state, community, this.#port.memberId), threads: [], members: new Map() };
      this.#live = true;
      this.#failures = 0;
      const loaded = withMembers(withThreads(fresh, threads.items), members.items);
      const read = [...this.#read].reduce((state, [threadId, seq]) => withRead(state, threadId, seq), loaded);
      this.#fresh.forget();
      const now = (this.#meanwhile ?? []).reduce((state, change) => change(state), read);
      this.#meanwhile = null;
      this.#set({ ...now, moreThreads: threads.next_cursor, moreMembers: members.next_cursor });
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

  #listen(): (() => void)[] {
    const { communityId: id } = this;
    const port = this.#port;
    return [
      port.onOnline((online) => {
        this.#life++;
        this.#live = false;
        this.#timer?.cancel();
        this.#fresh.forget();
        if (online && !this.#fault) this.#load();
        this.#changed.tell();
      }),
      ...onCommunityEvents(id, port, {
        change: (change) => this.#change(change),
        changeSight: (change, atOnce) => this.#changeSight(change, atOnce ? 0 : port.random() * this.#spreadMs()),
        heard: (thread) => this.#heard(thread),
        gone: (fault) => this.#gone(fault),
      }),
      port.onRead((threadId, seq) => {
        if (seq <= (this.#read.get(threadId) ?? 0)) return;
        this.#read.set(threadId, seq);
        if (isUncertainAfterRead(this.#state, threadId, seq)) this.#fresh.want(threadId);
        this.#set(withRead(this.#state, threadId, seq));
      }),
      port.onAllRead((communityId, at) => {
        if (communityId !== null && communityId !== id) return;
        this.#change((state) => withAllRead(state, at));
        for (const { id, me } of this.#state.threads) if (me?.unread_count !== 0) this.#fresh.want(id);
      }),
    ];
  }

  #heard(thread: Thread): void {
    this.#change((state) => {
      if (isUncertain(state, thread)) this.#fresh.want(thread.id);
      return withThreads(state, [thread]);
    });
  }

  /** An answer for oneself; it may be older than what one has read since it was asked for. */
  #took(thread: Thread): void {
    const held = this.#state.threads.find(({ id }) => id === thread.id);
    if (!held) return;
    if (thread.head_rev < held.head_rev) this.#fresh.want(thread.id);
    const seq = this.#read.get(thread.id) ?? 0;
    this.#change((state) => withRead(withThreads(state, [thread]), thread.id, seq));
  }

  #change(change: CommunityChange): void {
    this.#meanwhile?.push(change);
    this.#set(change(this.#state));
  }

  /** With other roles one may see other threads, of which no event tells: the first pages are loaded again, after so many ms. */
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

  #set(state: CommunityState): void {
    if (state === this.#state || this.#closed) return;
    this.#state = state;
    this.#changed.tell();
  }
}
