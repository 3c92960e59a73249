import { Fault } from '../../kernel/errors.js';
import type { Member, Page, Self } from '../../protocol/resources.js';
import type { RouteInput } from '../../protocol/routes.js';
import type { MemberRecord, ProfilePatch } from '../../store/contracts.js';
import { toMember, toSelf } from '../../store/resources.js';
import type { Sessions } from '../auth/sessions.js';
import type { Caller } from '../caller.js';
import { cursors, limitOf, pageOf } from './cursor.js';
import type { OperationDeps } from './deps.js';

const nobody = (): Fault => new Fault('not_found', 'There is no such member');

export class MemberOperations {
  readonly #deps: OperationDeps;
  readonly #sessions: Sessions;

  constructor(deps: OperationDeps, sessions: Sessions) {
    this.#deps = deps;
    this.#sessions = sessions;
  }

  async list(query: RouteInput<'listMembers'>['query']): Promise<Page<Member>> {
    const limit = limitOf(query);
    const slice = { after: cursors.member.decode(query.cursor), limit: limit + 1 };
    const found = await this.#deps.store.members.list({ q: query.q }, slice);
    const now = this.#deps.clock.now();
    return pageOf(
      found,
      limit,
      cursors.member,
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

  /** One's own only. Fault `conflict` names `username` or `email`. */
  async update(caller: Caller, id: string, input: RouteInput<'updateMember'>['body']): Promise<Self> {
    if (id !== caller.member_id) throw new Fault('forbidden', 'Only the member may change this profile');
    const patch: ProfilePatch = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
    const changed = await this.#deps.store.members.update(id, patch);
    if (!changed) throw nobody();
    return this.#self(changed);
  }

  /**
   * One's own account, or any as an administrator. Again is harmless; after a crash in between the sessions die by
   * themselves, since a session lives only with an active member.
   */
  async deactivate(caller: Caller, id: string): Promise<void> {
    if (id !== caller.member_id && !caller.is_admin) throw new Fault('forbidden', 'Only the member or an administrator may do this');
    if (!(await this.#deps.store.members.byId(id))) throw nobody();
    await this.#deps.store.members.deactivate(id);
    await this.#sessions.endAllOf(id, 'deactivated');
  }

  async #show(caller: Caller, member: MemberRecord | null): Promise<Self | Member> {
    if (!member) throw nobody();
    return member.id === caller.member_id ? this.#self(member) : toMember(member, this.#deps.clock.now());
  }

  async #self(member: MemberRecord): Promise<Self> {
    const memberships = await this.#deps.store.memberships.listByMember(member.id);
    return toSelf(
      member,
      memberships.map((m) => m.community_id),
      this.#deps.clock.now(),
    );
  }
}
