import { authorise } from '../../../authority/authorise.js';
import { bitsOf, namesOf } from '../../../authority/bits.js';
import { mayKnow, nothingThere } from '../../../authority/decide.js';
import { type Explanation, explain } from '../../../authority/explain.js';
import { standingIn } from '../../../authority/overrides.js';
import { rules } from '../../../authority/rules.js';
import { Fault } from '../../../kernel/errors.js';
import type { CommunityRole, Membership } from '../../../protocol/resources.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import { toRoles } from '../../../store/resources.js';
import type { ActorContext } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import type { Access } from './messages.js';
import type { CreateRole, ExplainPermission, GiveRole, RoleMessage, TakeRole, UpdateRole } from './role-messages.js';
import type { Roles } from './roles.js';
import * as policy from './roles-policy.js';
import type { Standings } from './standings.js';

/** What is asked of a community's roles, decided and carried out in its turn: nothing else changes meanwhile. */
export class RoleCommands {
  constructor(
    private readonly context: ActorContext,
    private readonly ports: DomainPorts,
    /** The living community; throws when there is none. */
    private readonly community: () => CommunityRecord,
    private readonly roles: Roles,
    private readonly standings: Standings,
  ) {}

  async carryOut(by: Access, message: RoleMessage): Promise<unknown> {
    // Who asks has made nothing here, but of themselves anybody may ask.
    const isAuthor = message.type === 'explain_permission' && message.member_id === by.member_id;
    authorise(rules[message.type], by, { member_id: by.member_id, isAuthor }, this.#now);
    switch (message.type) {
      case 'list_roles':
        return this.#all();
      case 'create_role':
        return this.#create(by, message);
      case 'update_role':
        return this.#update(by, message);
      case 'delete_role':
        await this.#change((records) => policy.without(by, records, message.role_id, this.#now));
        return null;
      case 'order_roles':
        await this.#change((records) => policy.inOrder(by, records, message.role_ids));
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
   * The role as it may be given by somebody now, to whoever they let in; undefined when there is none (any more), or they may not give
   * it. Asks for no answer of the store beyond how they stand.
   */
  async givenBy(memberId: string, roleId: string): Promise<string | undefined> {
    try {
      await this.roles.settle();
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
    await this.roles.settle();
    authorise(rules.give_role, by, by, this.#now);
    policy.demandGiving(by, this.roles.records, roleId, this.#now);
  }

  /** How high a role stands: see `rankOf` of role tables. Fault `not_found` for one that there is not. */
  rankOf(roleId: string): { rank: number } {
    const { rank } = policy.foundRole(this.roles.records, roleId);
    return { rank };
  }

  get #now(): number {
    return this.context.clock.now();
  }

  /** Conversations have none. */
  #all(): CommunityRole[] {
    return this.community().kind === 'community' ? toRoles(this.roles.records) : [];
  }

  #one(roleId: string): CommunityRole {
    const found = this.#all().find(({ id }) => id === roleId);
    if (!found) throw new Fault('not_found', 'There is no such role here');
    return found;
  }

  #change(make: Parameters<Roles['change']>[0]): Promise<void> {
    return this.standings.settledLater(() => this.roles.change(make));
  }

  async #create(by: Access, message: CreateRole): Promise<{ role: CommunityRole; again: boolean }> {
    const { id, origin, name, color, permissions, mentionable } = message;
    let made = id;
    await this.#change((records) => {
      const before = records.find((role) => role.id === id || (origin !== undefined && role.origin === origin));
      if (before) {
        made = before.id;
        return records;
      }
      const role = { id, name, color, permissions: namesOf(bitsOf(permissions)), mentionable, ...(origin !== undefined && { origin }) };
      return policy.withNew(by, records, role, this.#now);
    });
    return { role: this.#one(made), again: made !== id };
  }

  async #update(by: Access, { role_id, patch }: UpdateRole): Promise<CommunityRole> {
    const given = patch.permissions && { permissions: namesOf(bitsOf(patch.permissions)) };
    await this.#change((records) => policy.withChanged(by, records, role_id, { ...patch, ...given }, this.#now));
    return this.#one(role_id);
  }

  async #give(by: Access, { member_id, role_id }: GiveRole): Promise<Membership> {
    const target = await this.standings.access(member_id);
    policy.demandGive(by, target, this.roles.records, role_id, this.#now);
    if (target.role === null) throw new Fault('not_found', 'There is no such member here');
    await this.standings.giveRole(member_id, role_id);
    return this.standings.membership(member_id);
  }

  async #take(by: Access, { member_id, role_id }: TakeRole): Promise<null> {
    const target = await this.standings.access(member_id);
    policy.demandTake(by, target, this.roles.records, role_id, this.#now);
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
