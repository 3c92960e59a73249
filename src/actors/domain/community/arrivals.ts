import { Fault } from '../../../kernel/errors.js';
import type { ThreadRepository } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import { type ForgetPerson, threadAddress } from '../thread/messages.js';
import { type KeepPlace, userAddress } from '../user/messages.js';
import type { MembershipNews } from './membership-news.js';
import type { Standings } from './standings.js';

/** Threads of one community that may allow somebody something by name. */
const mostNaming = 10_000;

/** Who comes into a community, for the first time or again. */
export class Arrivals {
  constructor(
    private readonly context: ActorContext,
    private readonly threads: Pick<ThreadRepository, 'naming'>,
    private readonly standings: Standings,
    private readonly news: MembershipNews,
  ) {}

  get #id(): string {
    return this.context.address.key;
  }

  /** A member is in so many communities at most. Fault `conflict` beyond that. */
  async keepPlace(memberId: string): Promise<void> {
    await this.context.ask<KeepPlace>(userAddress(memberId), { type: 'keep_place', community_id: this.#id });
  }

  /** Somebody was let in by others: whether they may see it by themselves is not asked. Faults: see `CommunitySliceContext.admit`. */
  async admit(memberId: string, roles: string[] = []): Promise<void> {
    const access = await this.standings.access(memberId);
    if (access.is_banned) throw new Fault('forbidden', 'You are banned from this community');
    if (access.role === null) await this.letIn(memberId, roles);
  }

  /** Somebody who is no member now; that they may come in was asked for before. */
  async letIn(memberId: string, roles: string[] = []): Promise<void> {
    await this.keepPlace(memberId);
    if (await this.standings.get(memberId)) await this.#forgetPerson(memberId);
    await this.standings.enrol(memberId, roles);
    await this.news.joined(memberId, await this.standings.get(memberId));
  }

  /**
   * Whoever comes back is in no closed thread that they were in before, and what threads allowed them by name counts no more: that is
   * taken away before the membership is written, so that a crash in between leaves them outside. Rejects when a thread does not answer.
   */
  async #forgetPerson(memberId: string): Promise<void> {
    const naming = await this.threads.naming(this.#id, memberId, mostNaming);
    for (const id of naming) await this.context.ask<ForgetPerson>(threadAddress(id), { type: 'forget_person', member_id: memberId });
  }
}
