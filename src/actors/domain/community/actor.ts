import { Fault } from '../../../kernel/errors.js';
import type { EventPayload, ServerEventName } from '../../../protocol/events.js';
import { communityRoom, headsRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import type { TendLedger } from '../../ledger/messages.js';
import type { Actor, ActorContext } from '../../runtime/actor.js';
import { lookAgainLater } from '../look-again.js';
import type { DomainPorts, PublishOptions } from '../ports.js';
import { SideReads } from '../side-reads.js';
import { Slices } from '../slices.js';
import { Arrivals } from './arrivals.js';
import { Commits } from './commits.js';
import { CommunityCommands } from './community-commands.js';
import { CommunityCreation } from './community-creation.js';
import { CommunityNews } from './community-news.js';
import { HeadNews } from './head-news.js';
import { LedgerReads } from './ledger-reads.js';
import { MembershipCommands } from './membership-commands.js';
import { MembershipNews } from './membership-news.js';
import type { Access, CommunityMessage, ThreadCloses } from './messages.js';
import { PermissionLedgers } from './permission-ledgers.js';
import { RoleCommands } from './role-commands.js';
import type { CommunitySlice, CommunitySliceContext } from './slice.js';
import { sliceContext } from './slice-context.js';
import { Standings } from './standings.js';
import { Succession } from './succession.js';
import { ThreadCreation } from './thread-creation.js';
import { ThreadHeads } from './thread-heads.js';
import { ThreadItems } from './thread-items.js';
import { Watchers } from './watchers.js';

const flushMs = 500;
/** After a flush or a look that the store did not answer. */
const againMs = 2_000;
/** After a write whose outcome is not known. */
const settleMs = 1_000;
/** So long after it came to life it asks what features owe: whoever waits for it is served first. */
const wakeMs = 1_000;

/** What this actor tells itself. */
type Own =
  | { type: 'flush' | 'tell_heads' | 'settle' | 'look_again' | 'wake' | 'copy' }
  | { type: 'work'; work: () => Promise<void> }
  | TendLedger;

type OfActors =
  | 'create'
  | 'role'
  | 'thread_changed'
  | 'thread_deleted'
  | 'thread_closes'
  | 'copy_thread'
  | 'copy_threads'
  | 'account_changed'
  | 'tell_owners'
  | 'recount'
  | 'ledger_head';
type Asked = Exclude<CommunityMessage, { type: OfActors }>;

/** One community: who belongs to it and in what role, its figures, and the order of its threads. */
export class CommunityActor implements Actor<CommunityMessage | Own> {
  readonly #commits: Commits;
  #isSettleDue = false;
  readonly #watchers: Watchers;
  readonly #news: MembershipNews;
  readonly #standings: Standings;
  readonly #memberships: MembershipCommands;
  readonly #threads: ThreadCreation;
  readonly #items: ThreadItems;
  /** Whether an owner before may still have something under way. */
  #isDoubtful: () => boolean = () => true;
  readonly #creation: CommunityCreation;
  readonly #itself: CommunityCommands;
  readonly #roles: RoleCommands;
  readonly #succession: Succession;
  readonly #heads: ThreadHeads;
  readonly #headNews: HeadNews;
  readonly #sideReads: SideReads;
  readonly #ledger: LedgerReads;
  readonly #ledgers: PermissionLedgers;
  readonly #slices: Slices<CommunitySliceContext, Access, CommunitySlice>;

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
  ) {
    this.#watchers = new Watchers(context);
    const { store, fanout } = ports;
    const commits = new Commits({
      ...{ context, store, fanout, settleLater: this.#settleLater },
      changed: (before, after) => told.changed(before, after),
      owed: () => this.#standings.ownerNews.due(),
      deleted: (record) => this.#itself.deleted(record),
    });
    this.#commits = commits;
    const there = () => commits.there();
    this.#ledgers = new PermissionLedgers({
      ...{ context, ports },
      bringAlong: (permission) => this.#slices.bringAlong(({ ledger }) => ledger === permission),
    });
    this.#news = new MembershipNews({ context, ports, watchers: this.#watchers, community: there, ledgers: this.#ledgers.names });
    this.#standings = new Standings(context, store, this.#news, commits, () => this.#recount(), this.#settleLater);
    const told = new CommunityNews(fanout, this.#news, this.#standings);
    const arrivals = new Arrivals(context, ports.store.threads, this.#standings, this.#news);
    this.#memberships = new MembershipCommands(context, ports.store, there, this.#standings, arrivals);
    this.#items = new ThreadItems(context, store, commits, () => this.#isDoubtful());
    this.#threads = new ThreadCreation(context, ports, this.#standings, this.#items);
    this.#creation = new CommunityCreation(context, commits, this.#standings, arrivals);
    this.#itself = new CommunityCommands(context, ports, commits, this.#standings, this.#watchers);
    this.#roles = new RoleCommands(context, ports, commits, this.#standings);
    this.#succession = new Succession(context, ports.store, there, this.#standings);
    this.#sideReads = new SideReads(context);
    this.#ledger = new LedgerReads(commits, this.#ledgers, this.#sideReads);
    const of = { standings: this.#standings, arrivals, roles: this.#roles, ledgers: this.#ledgers };
    const ofSlices = sliceContext(context, ports, there, of);
    this.#slices = new Slices(ports.slices?.community ?? [], ofSlices);
    this.#headNews = new HeadNews({
      monotonic: () => context.clock.monotonic(),
      later: (ms) => context.tellSelfAfter(ms, { type: 'tell_heads' }),
      publish: (heads, audience) =>
        ports.fanout.publish(headsRoom(this.#id), 'thread_heads', { community_id: this.#id, heads }, audience ? { audience } : {}),
    });
    this.#heads = new ThreadHeads(ports.store.threads, (thread, isClosed) => {
      this.#publish('thread_updated', { thread }, isClosed ? { audience: thread.id } : {});
      this.#headNews.note(thread, isClosed);
    });
  }

  get #id(): string {
    return this.context.address.key;
  }

  async activate(): Promise<void> {
    await this.#commits.activate();
    this.#isDoubtful = lookAgainLater(this.context);
    if (!this.#living) return;
    await this.#recount();
    await this.#creation.finish();
    if (this.#slices.wakes) this.context.tellSelfAfter(wakeMs, { type: 'wake' });
  }

  async deactivate(reason: string): Promise<void> {
    if (reason === 'lost') return;
    await this.#sideReads.end();
    await this.#slices.flush().catch((error: unknown) => this.context.logger.info({ err: error }, 'what waits was not written'));
    await this.#heads.flush();
    this.#headNews.tellNow();
  }

  receive(message: CommunityMessage | Own): unknown {
    switch (message.type) {
      case 'create':
        return this.#creation.carryOut(message);
      case 'flush':
        return this.#orAgain(message, this.#flush());
      case 'tell_heads':
        return this.#headNews.tell(true);
      case 'tell_owners':
        return this.#standings.ownerNews.tell();
      case 'settle':
        this.#isSettleDue = false;
        return this.#standings.settle();
      case 'tend_ledger':
        return this.#ledgers.turn(message) ?? this.#commits.tend();
      case 'work':
        return message.work();
      case 'ledger_head':
        return this.#ledger.head(message);
      case 'wake':
        return this.#orAgain(message, this.#wake());
      case 'look_again':
        return this.#orAgain(message, this.#lookAgain());
      case 'thread_changed':
        if (this.#heads.note(message.thread, message.closings)) this.context.tellSelfAfter(flushMs, { type: 'flush' });
        return;
      case 'thread_deleted':
        this.#headNews.forget(message.thread_id);
        return this.#heads.forget(message.thread_id);
      case 'thread_closes':
        return this.#closes(message);
      case 'copy_thread':
        return this.#items.copy(message.thread_id, { by: message.by, operation: message.operation }).then(() => null);
      case 'copy_threads':
        return this.#items.hint();
      case 'copy':
        return this.#items.turn();
      case 'role':
        return this.#roles.rankOf(message.role_id);
      case 'account_changed':
        return this.#living ? this.#succession.accountChanged(message) : null;
      case 'recount':
        this.#standings.forget();
        return this.#recount().then(() => null);
      default:
        return this.#serve(message);
    }
  }

  /** What came to nothing is done once more, a little later. */
  async #orAgain(own: Own, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.context.tellSelfAfter(againMs, own);
      throw error;
    }
  }

  /** Where threads stand is told once it is stored. */
  async #flush(): Promise<void> {
    await this.#heads.flush();
    this.#headNews.tell();
  }

  #closes({ thread_id, closing }: ThreadCloses): { closes: true } {
    this.#heads.closes(thread_id, closing);
    this.#headNews.closes(thread_id);
    return { closes: true };
  }

  /**
   * How somebody, or a role, stands is asked before each send and in the turns of threads: it must not wait for a turn
   * that writes, such as a join, which itself may wait for a thread. So it is with a thread that closes, which counts
   * for figures that are being written.
   */
  answerAtOnce(message: CommunityMessage | Own): Access | Promise<Access> | { rank: number } | { closes: true } | undefined {
    if (message.type === 'role' && typeof message.role_id === 'string') return this.#roles.rankOf(message.role_id);
    if (message.type === 'thread_closes' && typeof message.thread_id === 'string') return this.#closes(message);
    if (message.type !== 'access' || typeof message.member_id !== 'string') return undefined;
    this.#commits.there();
    if (message.watch) this.#watchers.add(message.watch);
    return this.#standings.accesses.atOnce(message.member_id);
  }

  /** What people ask, and how they stand. */
  async #serve(message: Asked): Promise<unknown> {
    this.#commits.there();
    // A message of a kind or form that no node of this version sends is refused: it must not end the activation for
    // everyone.
    if (typeof (message.type === 'access' ? message.member_id : message.by) !== 'string') throw new Fault('validation_failed');
    if (message.type === 'access') {
      if (message.watch) this.#watchers.add(message.watch);
      const { member_id } = message;
      const { accesses } = this.#standings;
      return accesses.known(member_id) ?? this.#sideReads.answer(() => accesses.look(member_id));
    }
    await this.#commits.settle();
    const by = await this.#standings.access(message.by);
    switch (message.type) {
      case 'get':
      case 'update':
      case 'delete':
        return this.#itself.carryOut(by, message);
      case 'join':
      case 'leave':
      case 'hand_over':
      case 'change_membership':
      case 'remove_member':
      case 'read_all':
        return this.#memberships.carryOut(by, message);
      case 'create_thread':
        return this.#threads.carryOut(by, message);
      case 'sync_ledger':
        return this.#ledger.sync(by, message);
      case 'feature':
        return this.#slices.carryOut(by, message);
      default:
        return this.#roles.carryOut(by, message);
    }
  }

  /** An owner before may have written at a place that was free: whatever was read since is read anew. */
  async #lookAgain(): Promise<void> {
    await this.#commits.lookAgain();
    this.#standings.forget();
    this.#slices.forget();
    await this.#recount();
    this.#news.changedForAll();
    if (this.#living) await this.#ledgers.lookAgain();
    await this.#wake();
  }

  /** Nothing is owed where there is no community. */
  async #wake(): Promise<void> {
    if (this.#living) await this.#slices.wake();
  }

  get #living(): CommunityRecord | null {
    const { record } = this.#commits;
    return record?.deleted_at === null ? record : null;
  }

  readonly #settleLater = (): void => {
    if (!this.#isSettleDue) this.context.tellSelfAfter(settleMs, { type: 'settle' });
    this.#isSettleDue = true;
  };

  async #recount(): Promise<void> {
    const record = this.#living;
    if (!record) return;
    const member_count = await this.ports.store.memberships.countActive(this.#id);
    if (member_count === record.member_count) return;
    await this.ports.store.communities.update(this.#id, { member_count });
    this.#commits.counted(member_count);
  }

  #publish<E extends ServerEventName>(event: E, payload: EventPayload<E>, options?: PublishOptions): void {
    this.ports.fanout.publish(communityRoom(this.#id), event, payload, options);
  }
}
