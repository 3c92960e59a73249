import { z } from 'zod';
import {
  type ChangeMembership,
  communityAddress,
  type JoinCommunity,
  type LeaveCommunity,
  type RemoveMember,
} from '../../actors/domain/community/messages.js';
import { Sight } from '../../actors/domain/community/sight.js';
import { nothingThere } from '../../authority/decide.js';
import type { Caller } from '../../catalogue/caller.js';
import { cursorOf, limitOf, ms, type PageQuery, pageOf } from '../../catalogue/cursor.js';
import type { Ground } from '../../catalogue/feature-ports.js';
import type { Given } from '../../catalogue/operation.js';
import { id } from '../../protocol/primitives.js';
import type { Community, Membership, Page } from '../../protocol/resources.js';
import { toMembership } from '../../store/resources.js';
import type { changeMembership, removeMember } from './contract.js';

const cursor = cursorOf(z.strictObject({ joined_at: ms, member_id: id }));

/** Who belongs to a community, and how. */
export class Memberships {
  readonly #deps: Ground;

  constructor(deps: Ground) {
    this.#deps = deps;
  }

  async join(caller: Caller, communityId: string): Promise<Community> {
    return this.#deps.actors.ask<JoinCommunity>(communityAddress(communityId), { type: 'join', by: caller.member_id });
  }

  async leave(caller: Caller, communityId: string): Promise<void> {
    await this.#deps.actors.ask<LeaveCommunity>(communityAddress(communityId), { type: 'leave', by: caller.member_id });
  }

  /** Longest first. Passed over: whose account is closed, before the community has heard of it. */
  async list(caller: Caller, communityId: string, query: PageQuery): Promise<Page<Membership>> {
    await new Sight(this.#deps.actors, caller.member_id).demand(communityId);
    const { communities, memberships, members } = this.#deps.store;
    const community = await communities.byId(communityId);
    if (!community) throw nothingThere();
    const limit = limitOf(query);
    const found = await memberships.listByCommunity(communityId, { after: cursor.decode(query.cursor), limit: limit + 1 });
    const people = new Map((await members.byIds(found.map((m) => m.member_id))).map((m) => [m.id, m]));
    const now = this.#deps.clock.now();
    const page = pageOf(
      found,
      limit,
      cursor,
      ({ joined_at, member_id }) => ({ joined_at, member_id }),
      (m): Membership | null => {
        const member = people.get(m.member_id);
        return member?.is_active ? toMembership(community, m, member, now) : null;
      },
    );
    return { items: page.items.filter((item) => item !== null), next_cursor: page.next_cursor };
  }

  async change(caller: Caller, { community_id, member_id, ...input }: Given<typeof changeMembership>): Promise<Membership> {
    return this.#deps.actors.ask<ChangeMembership>(communityAddress(community_id), {
      type: 'change_membership',
      by: caller.member_id,
      ...(caller.is_admin && { is_admin: true as const }),
      member_id,
      ...(input.role !== undefined && { role: input.role }),
      ...(input.muted_until !== undefined && { muted_until: input.muted_until === null ? null : Date.parse(input.muted_until) }),
      ...(input.is_banned !== undefined && { is_banned: input.is_banned }),
    });
  }

  async remove(caller: Caller, { community_id, member_id }: Given<typeof removeMember>): Promise<void> {
    await this.#deps.actors.ask<RemoveMember>(communityAddress(community_id), {
      type: 'remove_member',
      by: caller.member_id,
      member_id,
    });
  }
}
