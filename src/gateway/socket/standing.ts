import { communityAddress, type GetAccess } from '../../actors/domain/community/messages.js';
import type { ActorSystem } from '../../actors/runtime/actor.js';
import type { Clock, Timer } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { SessionRepository, Store } from '../../store/contracts.js';
import type { LedgerRechecks } from './ledger-rechecks.js';
import type { Rechecks } from './rechecks.js';
import type { Roster } from './roster.js';

const checkEveryMs = 10 * 60_000;
const atOnce = 64;
/** Members whose memberships are read beside each other: everybody who is connected has some. */
const membersAtOnce = 8;

/**
 * Looks whether those who are connected here may still be: that their sessions live and they may view the closed
 * threads and read the ledgers that they follow (every ten minutes), and that they still belong to the communities they
 * follow (when announcements may have been lost). What cannot be answered is left as it is.
 */
export class Standing {
  readonly #roster: Roster;
  readonly #sessions: Pick<SessionRepository, 'byId'>;
  readonly #memberships: Pick<Store['memberships'], 'listByMember'>;
  readonly #actors: ActorSystem;
  readonly #ended: (sessionId: string, reason: string) => void;
  readonly #removed: (memberId: string, communityId: string) => void;
  readonly #rechecks: Pick<Rechecks, 'closed' | 'lookAgain'>;
  readonly #ledgerRechecks: Pick<LedgerRechecks, 'rooms' | 'lookAgain'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  /** Asked for while another runs. */
  #next: { memberships: boolean; done: Promise<void> } | undefined;

  constructor(parts: {
    roster: Roster;
    sessions: Pick<SessionRepository, 'byId'>;
    memberships: Pick<Store['memberships'], 'listByMember'>;
    actors: ActorSystem;
    ended: (sessionId: string, reason: string) => void;
    /** Somebody did not belong to a community any more, a moment ago. */
    removed: (memberId: string, communityId: string) => void;
    rechecks: Pick<Rechecks, 'closed' | 'lookAgain'>;
    ledgerRechecks: Pick<LedgerRechecks, 'rooms' | 'lookAgain'>;
    clock: Clock;
    logger: Logger;
  }) {
    this.#roster = parts.roster;
    this.#sessions = parts.sessions;
    this.#memberships = parts.memberships;
    this.#actors = parts.actors;
    this.#ended = parts.ended;
    this.#removed = parts.removed;
    this.#rechecks = parts.rechecks;
    this.#ledgerRechecks = parts.ledgerRechecks;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  start(): void {
    this.#timer ??= this.#clock.every(checkEveryMs, () => void this.check({ memberships: false }));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Never rejects. Checks that are asked for during another one wait for it and then run as one. */
  check(what: { memberships: boolean }): Promise<void> {
    if (this.#next) {
      this.#next.memberships ||= what.memberships;
      return this.#next.done;
    }
    const next = { ...what, done: Promise.resolve() };
    next.done = (this.#running ?? Promise.resolve()).then(() => {
      this.#next = undefined;
      this.#running = next.done;
      return this.#checkAll(next.memberships);
    });
    this.#next = next;
    return next.done;
  }

  async #checkAll(memberships: boolean): Promise<void> {
    await this.#each(this.#roster.sessions(), (sessionId) => this.#checkSession(sessionId));
    await this.#each(this.#rechecks.closed(), ([threadId, communityId]) => this.#rechecks.lookAgain(threadId, communityId));
    await this.#each(this.#ledgerRechecks.rooms(), (room) => this.#ledgerRechecks.lookAgain(room));
    if (!memberships) return;
    const pairs = new Map<string, { memberId: string; communityId: string }>();
    for (const subscriber of this.#roster.all()) {
      const memberId = subscriber.caller.member_id;
      for (const communityId of subscriber.followed()) pairs.set(`${memberId}:${communityId}`, { memberId, communityId });
    }
    await this.#each([...pairs.values()], (pair) => this.#checkMembership(pair.memberId, pair.communityId));
    await this.#checkHeads();
  }

  /** By the store's word, which is one read a member: nearly everybody hears the heads of all of their communities. */
  async #checkHeads(): Promise<void> {
    const heard = new Map<string, Set<string>>();
    for (const subscriber of this.#roster.all()) {
      const { member_id } = subscriber.caller;
      for (const communityId of subscriber.headsOf()) {
        if (!heard.has(member_id)) heard.set(member_id, new Set());
        heard.get(member_id)!.add(communityId);
      }
    }
    const check = async ([memberId, communities]: [string, Set<string>]): Promise<void> => {
      for (const { community_id } of await this.#memberships.listByMember(memberId)) communities.delete(community_id);
      for (const communityId of communities) this.#removed(memberId, communityId);
    };
    await this.#each([...heard], check, membersAtOnce);
  }

  async #checkSession(sessionId: string): Promise<void> {
    const session = await this.#sessions.byId(sessionId);
    if (!session || session.ended_at !== null) this.#ended(sessionId, 'ended');
    else if (session.expires_at <= this.#clock.now()) this.#ended(sessionId, 'expired');
  }

  /** By the community's word. Rejects when it does not answer. */
  async isMember(memberId: string, communityId: string): Promise<boolean> {
    try {
      const access = await this.#actors.ask<GetAccess>(communityAddress(communityId), { type: 'access', member_id: memberId });
      return access.role !== null;
    } catch (error) {
      if (Fault.from(error).code !== 'not_found') throw error;
      return false;
    }
  }

  async #checkMembership(memberId: string, communityId: string): Promise<void> {
    if (!(await this.isMember(memberId, communityId))) this.#removed(memberId, communityId);
  }

  async #each<T>(items: readonly T[], check: (item: T) => Promise<void>, beside = atOnce): Promise<void> {
    const queue = items[Symbol.iterator]();
    let failed = 0;
    const worker = async (): Promise<void> => {
      for (const item of queue) await check(item).catch(() => void failed++);
    };
    await Promise.all(Array.from({ length: beside }, worker));
    if (failed > 0) this.#logger.warn({ failed }, 'the standing of some connections could not be looked up');
  }
}
