import { authorise } from '../../../authority/authorise.js';
import { isClosedThread } from '../../../authority/closure.js';
import type { OverrideRecord } from '../../../authority/overrides.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { Store, ThreadRecord } from '../../../store/contracts.js';
import type { ActorContext } from '../../runtime/actor.js';
import { AccessRev } from '../community/access-rev.js';
import { type Access, communityAddress, type GetRole, type ThreadCloses } from '../community/messages.js';
import type { AddPerson, GetOverrides, RemovePerson, SetOverride } from './messages.js';
import { type About, forgotten, joined, overridden, parted } from './override-policy.js';
import type { ThreadOverrides } from './overrides.js';
import type { ThreadStandings } from './standings.js';

export type PeopleCommand = SetOverride | GetOverrides | AddPerson | RemovePerson;

/** Who may do what in one thread, and who its people are, as they change and see it. Each change is decided in the turn that commits it. */
export class ThreadPeople {
  readonly #closings: AccessRev;

  constructor(
    private readonly context: ActorContext,
    private readonly store: Pick<Store, 'search'>,
    private readonly overrides: ThreadOverrides,
    private readonly thread: () => ThreadRecord,
    private readonly standings: ThreadStandings,
  ) {
    this.#closings = new AccessRev(context.epoch);
  }

  /** Of those that were announced it is known how they ended up to this one; 0 while that is not known. In a turn. */
  get closings(): number {
    return this.overrides.isOpen ? 0 : this.#closings.now;
  }

  /** Durable when it resolves. Answers the overrides there are then. */
  async carryOut(by: Access, message: PeopleCommand): Promise<OverrideRecord[]> {
    const now = this.context.clock.now();
    if (message.type === 'get_overrides') authorise(rules.list_overrides, by, by, now);
    else {
      const { scope_since } = this.thread();
      await this.#write(await this.#next(by, message, now));
      if (this.thread().scope_since !== scope_since) await this.#leaveIndex();
    }
    return this.#present;
  }

  #accessOf(memberId: string): Promise<Access> {
    return this.standings.ofAsker(memberId, true);
  }

  /** What narrows leaves the index first; should that fail, the worker does it: each hit is asked about before it is shown. */
  async #leaveIndex(): Promise<void> {
    const { id, scope_since } = this.thread();
    if (scope_since === undefined) return;
    await this.store.search
      .removeBefore(id, scope_since)
      .catch((error: unknown) => this.context.logger.info({ err: error }, 'a closed thread is still to be taken out of the index'));
  }

  /** Somebody is about to come back to the community. */
  async forget(memberId: string): Promise<null> {
    await this.overrides.settle();
    await this.#write(forgotten(this.#present, memberId));
    return null;
  }

  get #present(): OverrideRecord[] {
    return this.thread().overrides ?? [];
  }

  /** Figures that the community has noted and not shown yet are for those alone who may view it, before anybody hears that it is closed. */
  async #write(next: OverrideRecord[] | null): Promise<void> {
    if (!next) return;
    const { id, community_id } = this.thread();
    if (isClosedThread({ overrides: next }) && !isClosedThread(this.thread())) {
      const closing = this.#closings.grow();
      await this.context.ask<ThreadCloses>(communityAddress(community_id), { type: 'thread_closes', thread_id: id, closing });
    }
    await this.overrides.set(next, this.context.clock.now());
  }

  async #next(by: Access, message: Exclude<PeopleCommand, GetOverrides>, now: number): Promise<OverrideRecord[] | null> {
    if (message.type === 'set_override') return overridden(this.#present, by, await this.#about(by, message, now), message, now);
    const person = await this.#accessOf(message.member_id);
    const isAuthor = this.thread().created_by === by.member_id;
    return (message.type === 'add_person' ? joined : parted)(this.#present, by, person, isAuthor, now);
  }

  /**
   * Who may not ask learns nothing of roles and members. Fault `not_found` for one that there is not, unless an override that is left
   * of it is to be taken away.
   */
  async #about(by: Access, { subject }: SetOverride, now: number): Promise<About> {
    authorise(rules.set_override, by, by, now);
    const id = subject.slice(subject.indexOf(':') + 1);
    const isNamed = this.#present.some((override) => override.subject === subject);
    if (subject.startsWith('member:')) {
      const { member, rank } = await this.#accessOf(id);
      if (member === null && !isNamed) throw new Fault('not_found', 'There is no such member here');
      return { subject, rank };
    }
    const community = communityAddress(this.thread().community_id);
    try {
      return { subject, rank: (await this.context.ask<GetRole>(community, { type: 'role', role_id: id })).rank };
    } catch (error) {
      if (isNamed && Fault.from(error).code === 'not_found') return { subject, rank: 0 };
      throw error;
    }
  }
}
