import { rankOf } from '../../../authority/role-table.js';
import type { EventPayload, ServerEventName } from '../../../protocol/events.js';
import { communityRoom } from '../../../protocol/rooms.js';
import type { CommunityRecord } from '../../../store/contracts.js';
import { meIn, roleIn, toMember } from '../../../store/resources.js';
import { snapshotOf } from '../../../store/standing.js';
import type { ActorContext, Message } from '../../runtime/actor.js';
import type { DomainPorts } from '../ports.js';
import { userAddress } from '../user/messages.js';
import { AccessRev } from './access-rev.js';
import type { Access } from './messages.js';
import type { Standing } from './roster.js';
import type { Watchers } from './watchers.js';

/**
 * How members stand, in words: to whoever asks, to threads that asked lately, to the community's room and to members'
 * own actors.
 */
export class MembershipNews {
  readonly #rev: AccessRev;
  readonly #ledgers: readonly string[];
  private readonly context: ActorContext;
  private readonly ports: DomainPorts;
  private readonly watchers: Watchers;
  private readonly community: () => CommunityRecord;

  constructor(parts: {
    context: ActorContext;
    ports: DomainPorts;
    watchers: Watchers;
    /** The living community; throws when there is none. */
    community: () => CommunityRecord;
    /** Those of permissions, by their stored names. */
    ledgers: readonly string[];
  }) {
    this.context = parts.context;
    this.ports = parts.ports;
    this.watchers = parts.watchers;
    this.community = parts.community;
    this.#ledgers = parts.ledgers;
    this.#rev = new AccessRev(parts.context.epoch);
  }

  get #id(): string {
    return this.context.address.key;
  }

  /** How somebody stands by what is stored of them. */
  accessOf(m: Standing | null, memberId: string): Access {
    const community = this.community();
    const standing = snapshotOf(community, m);
    const { member } = standing;
    return {
      community_id: this.#id,
      member_id: memberId,
      role: m && member && roleIn(community, m),
      rank: member ? rankOf(member.roles, member.is_owner) : 0,
      access_rev: this.#rev.now,
      ...standing,
      ...(m && member && { unread_since: Math.max(m.joined_at, m.read_at ?? 0) }),
    };
  }

  /** How everybody stands may be another from here on: whoever has asked asks anew. */
  changedForAll(): void {
    this.#rev.grow();
    this.watchers.tell({ type: 'community_changed' });
    this.recheck();
  }

  /** Whatever others hold of how this member stands is wrong from here on. */
  changed(standing: Standing | null, memberId: string): void {
    this.#rev.grow();
    this.#tellThreads(standing, memberId);
    this.context.tell(userAddress(memberId), { type: 'communities_changed', community_id: this.#id });
  }

  /** They have marked all as read, and may what they might before. */
  hasRead(standing: Standing): void {
    this.#tellThreads(standing, standing.member_id, true);
  }

  /** Whoever may hear of what is said here is decided anew; without a member, for everybody. */
  recheck(memberId?: string): void {
    this.ports.fanout.recheck({
      community_id: this.#id,
      ...(memberId !== undefined && { member_id: memberId }),
      ...(this.#ledgers.length > 0 && { ledgers: this.#ledgers }),
      access_rev: this.#rev.now,
    });
  }

  async joined(memberId: string, standing: Standing | null): Promise<void> {
    const member = await this.ports.store.members.byId(memberId);
    if (!member) return;
    this.#publish('member_joined', { community_id: this.#id, member: toMember(member, this.context.clock.now()) });
    if (standing && standing.roles.length > 0) this.hasRoles(standing);
  }

  /** Of those alone who are members. */
  hasRoles(m: Standing | null): void {
    if (m?.state !== 'active') return;
    const { role, roles, permissions } = meIn(this.community(), m);
    this.#publish('member_roles_changed', { community_id: this.#id, member_id: m.member_id, role, roles, permissions });
  }

  /** A member is none any more. */
  left(memberId: string): void {
    this.#publish('member_left', { community_id: this.#id, member_id: memberId });
  }

  /** Nothing of the community reaches them any more, and what has rung for them goes. */
  parted(memberId: string): void {
    this.ports.fanout.evict(memberId, this.#id, this.#ledgers.length > 0 ? { ledgers: this.#ledgers } : {});
    this.silenced(memberId);
  }

  /** What has rung for them where they may not view goes. */
  silenced(memberId: string): void {
    this.ports.nudge.deleted({ community_id: this.#id, member_id: memberId });
  }

  #tellThreads(standing: Standing | null, memberId: string, onlyRead = false): void {
    const access = this.accessOf(standing, memberId);
    this.watchers.tell({ type: 'access_changed', access, ...(onlyRead && { only_read: true }) } as Message);
  }

  #publish<E extends ServerEventName>(event: E, payload: EventPayload<E>): void {
    this.ports.fanout.publish(communityRoom(this.#id), event, payload);
  }
}
