import type { Clock } from '../../kernel/clock.js';
import type { MembershipRecord, MembershipRepository, Slice, Untold } from '../contracts.js';
import { ascending, behind, copyOrNull } from './order.js';
import { MemoryUntold } from './untold.js';

const keyOf = (communityId: string, memberId: string): string => `${communityId} ${memberId}`;

type Place = Pick<MembershipRecord, 'joined_at' | 'member_id'>;
const order = (a: Place, b: Place): number => a.joined_at - b.joined_at || ascending(a.member_id, b.member_id);

export class MemoryMemberships implements MembershipRepository {
  readonly #memberships = new Map<string, MembershipRecord>();
  readonly #untold: MemoryUntold<MembershipRecord>;

  constructor(clock: Clock) {
    this.#untold = new MemoryUntold(clock, (memberId, communityId) => this.#memberships.get(keyOf(communityId, memberId)));
  }

  async get(communityId: string, memberId: string): Promise<MembershipRecord | null> {
    return copyOrNull(this.#memberships.get(keyOf(communityId, memberId)));
  }

  async put(record: MembershipRecord): Promise<boolean> {
    const key = keyOf(record.community_id, record.member_id);
    if ((this.#memberships.get(key)?.version ?? 0) !== record.version - 1) return false;
    this.#memberships.set(key, structuredClone(record));
    this.#untold.mark(record.member_id, record.community_id);
    return true;
  }

  async putMissing(records: readonly MembershipRecord[]): Promise<void> {
    for (const record of records) {
      const key = keyOf(record.community_id, record.member_id);
      if (this.#memberships.has(key)) continue;
      this.#memberships.set(key, structuredClone(record));
      this.#untold.mark(record.member_id, record.community_id);
    }
  }

  async listByCommunity(communityId: string, slice: Slice<Place>): Promise<MembershipRecord[]> {
    return behind(this.#active(communityId), order, (record) => !slice.after || order(record, slice.after) > 0, slice.limit);
  }

  async listByMember(memberId: string): Promise<MembershipRecord[]> {
    return [...this.#memberships.values()]
      .filter((record) => record.member_id === memberId && record.state === 'active')
      .map((record) => structuredClone(record));
  }

  async placesOf(memberId: string): Promise<string[]> {
    return [...this.#memberships.values()].filter((record) => record.member_id === memberId).map((record) => record.community_id);
  }

  async listBelonging(memberId: string): Promise<MembershipRecord[]> {
    return [...this.#memberships.values()]
      .filter(({ member_id, state }) => member_id === memberId && (state === 'active' || state === 'closed'))
      .map((record) => structuredClone(record));
  }

  async markUntold(communityId: string, memberIds: readonly string[]): Promise<void> {
    for (const id of memberIds) if (this.#memberships.has(keyOf(communityId, id))) this.#untold.mark(id, communityId);
  }

  async removeByCommunity(communityId: string): Promise<void> {
    for (const [key, record] of this.#memberships) {
      if (record.community_id !== communityId) continue;
      this.#memberships.delete(key);
      this.#untold.mark(record.member_id, communityId);
    }
  }

  untold(memberId: string, limit: number): Promise<Untold<MembershipRecord>[]> {
    return this.#untold.untold(memberId, limit);
  }

  told(memberId: string, those: readonly Untold<MembershipRecord>[]): Promise<void> {
    return this.#untold.told(memberId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }

  async countActive(communityId: string): Promise<number> {
    return this.#active(communityId).length;
  }

  async listHolders(communityId: string, roleId: string, limit: number): Promise<MembershipRecord[]> {
    return behind(this.#active(communityId), order, ({ roles }) => roles.includes(roleId), limit);
  }

  #active(communityId: string): MembershipRecord[] {
    return [...this.#memberships.values()].filter((record) => record.community_id === communityId && record.state === 'active');
  }
}
