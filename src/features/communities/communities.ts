import { z } from 'zod';
import {
  type CreateCommunity,
  communityAddress,
  type DeleteCommunity,
  type GetCommunity,
  type HandOver,
  type UpdateCommunity,
} from '../../actors/domain/community/messages.js';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, limitOf, type PageQuery, pageOf } from '../../catalogue/cursor.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import type { Given } from '../../catalogue/operation.js';
import { newId } from '../../kernel/ids.js';
import { bounds, id } from '../../protocol/primitives.js';
import type { Community, Page } from '../../protocol/resources.js';
import type { MembershipRecord } from '../../store/contracts.js';
import { toCommunity } from '../../store/resources.js';
import type { createCommunity, listCommunities, updateCommunity } from './contract.js';

const cursor = cursorOf(z.strictObject({ name: z.string().max(bounds.name), id }));

/** Communities as wholes: their actors commit, lists are read from the store. */
export class Communities {
  readonly #deps: Ground;

  constructor(deps: Ground) {
    this.#deps = deps;
  }

  /** Public ones and the caller's own. */
  async list(caller: Caller, query: Given<typeof listCommunities>): Promise<Page<Community>> {
    const own = await this.#membershipsOf(caller.member_id);
    const only = query.mine ? [...own.keys()] : undefined;
    return this.#page(own, { only, q: query.q, tag: query.tag }, query);
  }

  /** Those of a member that the caller may see. */
  async ofMember(caller: Caller, memberId: string, query: PageQuery): Promise<Page<Community>> {
    const own = await this.#membershipsOf(caller.member_id);
    const theirs = memberId === caller.member_id ? own : await this.#membershipsOf(memberId);
    return this.#page(own, { only: [...theirs.keys()] }, query);
  }

  /** The id is made here, so that a command that is sent again to another node makes nothing twice. */
  async create(caller: Caller, input: Given<typeof createCommunity>): Promise<Community> {
    return this.#deps.actors.ask<CreateCommunity>(communityAddress(newId(this.#deps.clock.now())), {
      type: 'create',
      by: caller.member_id,
      name: input.name,
      description: input.description ?? null,
      is_public: input.is_public ?? true,
      tags: input.tags ?? [],
      avatar_url: input.avatar_url ?? null,
    });
  }

  async get(caller: Caller, id: string): Promise<Community> {
    return this.#deps.actors.ask<GetCommunity>(communityAddress(id), { type: 'get', by: caller.member_id });
  }

  async update(caller: Caller, { community_id: id, if_rev, ...input }: Given<typeof updateCommunity>): Promise<Community> {
    const patch = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as UpdateCommunity['patch'];
    return this.#deps.actors.ask<UpdateCommunity>(communityAddress(id), { type: 'update', by: caller.member_id, patch, if_rev });
  }

  async handOver(caller: Caller, id: string, memberId: string): Promise<Community> {
    return this.#deps.actors.ask<HandOver>(communityAddress(id), {
      type: 'hand_over',
      by: caller.member_id,
      ...(caller.is_admin && { is_admin: true as const }),
      member_id: memberId,
    });
  }

  async delete(caller: Caller, id: string): Promise<void> {
    await this.#deps.actors.ask<DeleteCommunity>(communityAddress(id), { type: 'delete', by: caller.member_id });
  }

  async #membershipsOf(memberId: string): Promise<Map<string, MembershipRecord>> {
    const memberships = await this.#deps.store.memberships.listByMember(memberId);
    return new Map(memberships.map((m) => [m.community_id, m]));
  }

  async #page(
    own: Map<string, MembershipRecord>,
    filter: { only?: string[] | undefined; q?: string | undefined; tag?: string | undefined },
    query: PageQuery,
  ): Promise<Page<Community>> {
    const limit = limitOf(query);
    const slice = { after: cursor.decode(query.cursor), limit: limit + 1 };
    const found = await this.#deps.store.communities.list({ visible: [...own.keys()], ...filter }, slice);
    // Lists leave the roles out: only those of one's own count here.
    const mine = found.filter(({ id }) => own.has(id)).map(({ id }) => id);
    const whole = new Map((await this.#deps.store.communities.byIds(mine)).map((c) => [c.id, c]));
    return pageOf(
      found,
      limit,
      cursor,
      ({ name, id }) => ({ name, id }),
      (c) => toCommunity(whole.get(c.id) ?? c, own.get(c.id)),
    );
  }
}
