import { nothingThere } from '../../../authority/decide.js';
import { roleTable } from '../../../authority/role-table.js';
import { Fault } from '../../../kernel/errors.js';
import type { EventPayload, ServerEventName } from '../../../protocol/events.js';
import { communityRoom, headsRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import { toCommunity, toRoles } from '../../../store/resources.js';
import type { Actor, ActorContext } from '../../runtime/actor.js';
import { lookAgainLater } from '../look-again.js';
import type { DomainPorts, PublishOptions } from '../ports.js';
import { SideReads } from '../side-reads.js';
import { Slices } from '../slices.js';
import { Arrivals } from './arrivals.js';
import { CommunityCommands } from './community-commands.js';
import { CommunityCreation } from './community-creation.js';
import { HeadNews } from './head-news.js';
import { MembershipCommands } from './membership-commands.js';
import { MembershipNews } from './membership-news.js';
import type { Access, CommunityMessage, ThreadCloses } from './messages.js';
import { Ownership } from './ownership.js';
import { RoleCommands } from './role-commands.js';
import { Roles } from './roles.js';
import type { CommunitySliceContext } from './slice.js';
import { sliceContext } from './slice-context.js';
import { Standings } from './standings.js';
import { Succession } from './succession.js';
import { ThreadCreation } from './thread-creation.js';
import { ThreadHeads } from './thread-heads.js';
import { Watchers } from './watchers.js';

const flushMs = 500;
/** After a flush or a look that the store did not answer. */
const againMs = 2_000;

/** So long after it came to life it asks what features owe: whoever waits for it is served first. */
const wakeMs = 1_000;

/** What this actor tells itself. */
type Own = { type: 'flush' } | { type: 'tell_heads' } | { type: 'settle' } | { type: 'look_again' } | { type: 'wake' };

type OfActors = 'create' | 'role' | 'thread_changed' | 'thread_deleted' | 'thread_closes' | 'account_changed' | 'tell_owners' | 'recount';
type Asked = Exclude<CommunityMessage, { type: OfActors }>;

/** One community: who belongs to it and in what role, its figures, and the order of its threads. */
export class CommunityActor implements Actor<CommunityMessage | Own> {
  #record: CommunityRecord | null = null;
  readonly #watchers: Watchers;
  readonly #news: MembershipNews;
  readonly #standings: Standings;
  readonly #memberships: MembershipCommands;
  readonly #threads: ThreadCreation;
  readonly #creation: CommunityCreation;
  readonly #itself: CommunityCommands;
  readonly #roles: RoleCommands;
  readonly #succession: Succession;
  readonly #heads: ThreadHeads;
  readonly #headNews: HeadNews;
  readonly #sideReads: SideReads;
  readonly #slices: Slices<CommunitySliceContext, Access>;

  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
  ) {
    this.#watchers = new Watchers(context);
    const there = () => this.#there();
    const ownership = new Ownership(ports.store.communities, there, (stored) => this.#hasOwner(stored));
    const roles = new Roles(ports.store.communities, there, (stored) => this.#hasRoles(stored));
    this.#news = new MembershipNews(context, ports, this.#watchers, there);
    this.#standings = new Standings(context, ports.store, this.#news, there, ownership, roles, () => this.#recount());
    const arrivals = new Arrivals(context, ports.store.threads, this.#standings, this.#news);
    this.#memberships = new MembershipCommands(context, ports.store, there, this.#standings, arrivals);
    this.#threads = new ThreadCreation(context, ports, this.#standings);
    const changed = (stored: CommunityRecord) => {
      this.#record = stored;
    };
    this.#creation = new CommunityCreation(context, ports.store, there, changed, this.#standings, arrivals);
    this.#itself = new CommunityCommands(context, ports, there, changed, this.#standings, this.#news, this.#watchers);
    this.#roles = new RoleCommands(context, ports, there, roles, this.#standings);
    this.#succession = new Succession(context, ports.store, there, this.#standings);
    this.#sideReads = new SideReads(context);
    const ofSlices = sliceContext(context, ports.store, there, { standings: this.#standings, arrivals, roles: this.#roles });
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
    this.#record = await this.ports.store.communities.byId(this.#id);
    lookAgainLater(this.context);
    if (!this.#record || this.#record.deleted_at !== null) return;
    await this.#recount();
    await this.#creation.finish();
    if (this.#record.untold !== undefined) this.#standings.ownerNews.due();
    if (this.#slices.wakes) this.context.tellSelfAfter(wakeMs, { type: 'wake' });
  }

  async deactivate(reason: string): Promise<void> {
    if (reason === 'lost') return;
    await this.#sideReads.end();
    await this.#heads.flush();
    this.#headNews.tellNow();
  }

  receive(message: CommunityMessage | Own): unknown {
    switch (message.type) {
      case 'create':
        return this.#creation.carryOut(message, this.#record === null);
      case 'flush':
        return this.#orAgain(message, this.#flush());
      case 'tell_heads':
        return this.#headNews.tell(true);
      case 'tell_owners':
        return this.#standings.ownerNews.tell();
      case 'settle':
        return this.#standings.settle();
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
      case 'role':
        return this.#roles.rankOf(message.role_id);
      case 'account_changed':
        return this.#record && this.#record.deleted_at === null ? this.#succession.accountChanged(message) : null;
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
   * How somebody, or a role, stands is asked before each send and in the turns of threads: it must not wait for a turn that writes, such
   * as a join, which itself may wait for a thread. So it is with a thread that closes, which counts for figures that are being written.
   */
  answerAtOnce(message: CommunityMessage | Own): Access | Promise<Access> | { rank: number } | { closes: true } | undefined {
    if (message.type === 'role' && typeof message.role_id === 'string') return this.#roles.rankOf(message.role_id);
    if (message.type === 'thread_closes' && typeof message.thread_id === 'string') return this.#closes(message);
    if (message.type !== 'access' || typeof message.member_id !== 'string') return undefined;
    this.#there();
    if (message.watch) this.#watchers.add(message.watch);
    return this.#standings.accesses.atOnce(message.member_id);
  }

  /** What people ask, and how they stand. */
  async #serve(message: Asked): Promise<unknown> {
    this.#there();
    // A message of a kind or form that no node of this version sends is refused: it must not end the activation for everyone.
    if (typeof (message.type === 'access' ? message.member_id : message.by) !== 'string') throw new Fault('validation_failed');
    if (message.type === 'access') {
      if (message.watch) this.#watchers.add(message.watch);
      const { member_id } = message;
      const { accesses } = this.#standings;
      return accesses.known(member_id) ?? this.#sideReads.answer(() => accesses.look(member_id));
    }
    await this.#standings.settleRights();
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
      case 'feature':
        return this.#slices.carryOut(by, message);
      default:
        return this.#roles.carryOut(by, message);
    }
  }

  /** An owner before may have written at a place that was free: whatever was read since is read anew. */
  async #lookAgain(): Promise<void> {
    this.#record = await this.ports.store.communities.byId(this.#id);
    this.#standings.forget();
    this.#slices.forget();
    if (this.#record?.untold !== undefined) this.#standings.ownerNews.due();
    await this.#recount();
    this.#news.changedForAll();
    await this.#wake();
  }

  /** Nothing is owed where there is no community. */
  async #wake(): Promise<void> {
    if (!this.#record || this.#record.deleted_at !== null) return;
    await this.#slices.wake();
  }

  #there(): CommunityRecord {
    if (!this.#record || this.#record.deleted_at !== null) throw nothingThere();
    return this.#record;
  }

  #hasOwner(stored: CommunityRecord): void {
    const before = this.#there().owner_id;
    this.#record = stored;
    this.#publish('community_updated', { community: toCommunity(stored) });
    this.#news.changedForAll();
    if (before !== stored.owner_id) this.#standings.ownerChanged(before, stored.owner_id);
  }

  #hasRoles(stored: CommunityRecord): void {
    this.#record = stored;
    this.#news.changedForAll();
    this.#publish('roles_changed', { community_id: this.#id, roles: toRoles(roleTable(stored).records) });
  }

  async #recount(): Promise<void> {
    const record = this.#record;
    if (!record || record.deleted_at !== null) return;
    const member_count = await this.ports.store.memberships.countActive(this.#id);
    if (member_count === record.member_count) return;
    await this.ports.store.communities.update(this.#id, { member_count });
    this.#record = { ...record, member_count };
  }

  #publish<E extends ServerEventName>(event: E, payload: EventPayload<E>, options?: PublishOptions): void {
    this.ports.fanout.publish(communityRoom(this.#id), event, payload, options);
  }
}
