import { authorise } from '../../../authority/authorise.js';
import { bitsOf, namesOf } from '../../../authority/bits.js';
import { mayKnow, nothingThere } from '../../../authority/decide.js';
import { type Explanation, explain } from '../../../authority/explain.js';
import { standingIn } from '../../../authority/overrides.js';
import { roleTable } from '../../../authority/role-table.js';
import type { RoleRecord } from '../../../authority/roles.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { CommunityRole, Membership } from '../../../protocol/resources.js';
import { opOfRole } from '../../../store/community-items.js';
import { toRoles } from '../../../store/resources.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import type { Commits } from './commits.js';
import type { Access } from './messages.js';
import type { CreateRole, ExplainPermission, GiveRole, RoleMessage, TakeRole, UpdateRole } from './role-messages.js';
import * as policy from './roles-policy.js';
import type { Standings } from './standings.js';

type Records = readonly RoleRecord[];

/** What is asked of a community's roles, decided and carried out in its turn: nothing else changes meanwhile. */
export class RoleCommands {
  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
    private readonly commits: Commits,
    private readonly standings: Standings,
  ) {}

  async carryOut(by: Access, message: RoleMessage): Promise<unknown> {
    this.#authorise(by, message);
    switch (message.type) {
      case 'list_roles':
        return this.#all();
      case 'create_role':
        return this.#create(message);
      case 'update_role':
        return this.#update(message);
      case 'delete_role':
        await this.#change(message, (asker, records) => policy.without(asker, records, message.role_id, this.#now));
        return null;
      case 'order_roles':
        await this.#change(message, (asker, records) => policy.inOrder(asker, records, message.role_ids));
        return this.#all();
      case 'give_role':
        return this.#give(by, message);
      case 'take_role':
        return this.#take(by, message);
      case 'explain_permission':
        return this.#explain(by, message);
    }
  }

  /**
   * The role as it may be given by somebody now, to whoever they let in; undefined when there is none (any more), or
   * they may not give it. Asks for no answer of the store beyond how they stand.
   */
  async givenBy(memberId: string, roleId: string): Promise<string | undefined> {
    try {
      await this.commits.settle();
      await this.demandGiving(await this.standings.access(memberId), roleId);
      return roleId;
    } catch (error) {
      const { code } = Fault.from(error);
      if (code !== 'not_found' && code !== 'forbidden') throw error;
      return undefined;
    }
  }

  /** Whether somebody may give a role to whoever comes in. Faults as of `give_role`. */
  async demandGiving(by: Access, roleId: string): Promise<void> {
    await this.commits.settle();
    authorise(rules.give_role, by, by, this.#now);
    policy.demandGiving(by, this.#records, roleId, this.#now);
  }

  /** How high a role stands: see `rankOf` of role tables. Fault `not_found` for one that there is not. */
  rankOf(roleId: string): { rank: number } {
    const { rank } = policy.foundRole(this.#records, roleId);
    return { rank };
  }

  /** Highest first, `everyone` last. */
  get #records(): Records {
    return roleTable(this.commits.there()).records;
  }

  get #now(): number {
    return this.context.clock.now();
  }

  /** Conversations have none. */
  #all(): CommunityRole[] {
    return this.commits.there().kind === 'community' ? toRoles(this.#records) : [];
  }

  #one(roleId: string): CommunityRole {
    const found = this.#all().find(({ id }) => id === roleId);
    if (!found) throw new Fault('not_found', 'There is no such role here');
    return found;
  }

  #authorise(by: Access, message: RoleMessage): void {
    // Who asks has made nothing here, but of themselves anybody may ask.
    const isAuthor = message.type === 'explain_permission' && message.member_id === by.member_id;
    authorise(rules[message.type], by, { member_id: by.member_id, isAuthor }, this.#now);
  }

  /**
   * `make` answers the roles as they are to be, or the same list where nothing is to change; what it throws is thrown.
   */
  #change(message: RoleMessage, make: (by: Access, before: Records) => Records, op_id?: string): Promise<void> {
    const if_rev = message.type === 'update_role' ? message.if_rev : undefined;
    return this.commits.commit(
      { by: message.by, operation: message.type, if_rev, ...(op_id !== undefined && { op_id }) },
      async (community) => {
        // Another owner may have changed how they stand meanwhile.
        const by = await this.standings.access(message.by);
        this.#authorise(by, message);
        const { records } = roleTable(community);
        const roles = make(by, records);
        return roles === records ? community : { ...community, roles: [...roles] };
      },
    );
  }

  async #create(message: CreateRole): Promise<{ role: CommunityRole; again: boolean }> {
    const { id, origin, name, color, permissions, mentionable } = message;
    let made = id;
    const op_id = origin && opOfRole(origin, id);
    const make = (by: Access, records: Records): Records => {
      const before = records.find((role) => role.id === id || (origin !== undefined && role.origin === origin));
      if (before) {
        made = before.id;
        return records;
      }
      const role = { id, name, color, permissions: namesOf(bitsOf(permissions)), mentionable, ...(origin !== undefined && { origin }) };
      return policy.withNew(by, records, role, this.#now);
    };
    await this.#change(message, make, op_id);
    return { role: this.#one(made), again: made !== id };
  }

  async #update(message: UpdateRole): Promise<CommunityRole> {
    const { role_id, patch } = message;
    const given = patch.permissions && { permissions: namesOf(bitsOf(patch.permissions)) };
    await this.#change(message, (by, records) => policy.withChanged(by, records, role_id, { ...patch, ...given }, this.#now));
    return this.#one(role_id);
  }

  async #give(by: Access, { member_id, role_id }: GiveRole): Promise<Membership> {
    const target = await this.standings.access(member_id);
    policy.demandGive(by, target, this.#records, role_id, this.#now);
    if (target.role === null) throw new Fault('not_found', 'There is no such member here');
    await this.standings.giveRole(member_id, role_id);
    return this.standings.membership(member_id);
  }

  async #take(by: Access, { member_id, role_id }: TakeRole): Promise<null> {
    const target = await this.standings.access(member_id);
    policy.demandTake(by, target, this.#records, role_id, this.#now);
    if (target.role === null) throw new Fault('not_found', 'There is no such member here');
    await this.standings.takeRole(member_id, role_id);
    return null;
  }

  async #explain(by: Access, { member_id, permission, overrides }: ExplainPermission): Promise<Explanation> {
    if (overrides === null || !mayKnow(standingIn(by, overrides))) throw nothingThere();
    const target = await this.standings.access(member_id);
    if (target.role === null && !(await this.ports.store.members.byId(member_id))) throw new Fault('not_found', 'There is no such member');
    return explain(standingIn(target, overrides), permission, this.#now);
  }
}
