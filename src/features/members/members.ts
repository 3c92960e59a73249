import { z } from 'zod';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, limitOf, pageOf } from '../../catalogue/cursor.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import type { Given } from '../../catalogue/operation.js';
import { Fault } from '../../kernel/errors.js';
import type { Member, Page, Self } from '../../protocol/resources.js';
import { communitiesOf } from '../../store/belonging.js';
import type { MemberRecord } from '../../store/contracts.js';
import { toMember, toSelf } from '../../store/resources.js';
import type { listMembers } from './contract.js';

const nobody = (): Fault => new Fault('not_found', 'There is no such member');

const cursor = cursorOf(z.string().min(1).max(64));

/** People, as the store has them. */
export class Members {
  readonly #deps: Ground;

  constructor(deps: Ground) {
    this.#deps = deps;
  }

  async list(query: Given<typeof listMembers>): Promise<Page<Member>> {
    const limit = limitOf(query);
    const slice = { after: cursor.decode(query.cursor), limit: limit + 1 };
    const found = await this.#deps.store.members.list({ q: query.q }, slice);
    const now = this.#deps.clock.now();
    return pageOf(
      found,
      limit,
      cursor,
      (last) => last.username,
      (member) => toMember(member, now),
    );
  }

  async get(caller: Caller, id: string): Promise<Self | Member> {
    return this.#show(caller, await this.#deps.store.members.byId(id));
  }

  async byUsername(caller: Caller, username: string): Promise<Self | Member> {
    return this.#show(caller, await this.#deps.store.members.byUsername(username));
  }

  async #show(caller: Caller, member: MemberRecord | null): Promise<Self | Member> {
    if (!member) throw nobody();
    return member.id === caller.member_id ? this.#self(member) : toMember(member, this.#deps.clock.now());
  }

  async #self(member: MemberRecord): Promise<Self> {
    return toSelf(member, await communitiesOf(this.#deps.store, member.id), this.#deps.clock.now());
  }
}
