import type { MembershipRecord, MembershipRepository, Slice } from '../contracts.js';
import { ascending, behind, copyOrNull } from './order.js';

const keyOf = (communityId: string, memberId: string): string => `${communityId} ${memberId}`;

type Place = Pick<MembershipRecord, 'joined_at' | 'member_id'>;
const order = (a: Place, b: Place): number => a.joined_at - b.joined_at || ascending(a.member_id, b.member_id);

export class MemoryMemberships implements MembershipRepository {
  readonly #memberships = new Map<string, MembershipRecord>();

  async get(communityId: string, memberId: string): Promise<MembershipRecord | null> {
    return copyOrNull(this.#memberships.get(keyOf(communityId, memberId)));
  }

  async put(record: MembershipRecord): Promise<boolean> {
    const key = keyOf(record.community_id, record.member_id);
    if ((this.#memberships.get(key)?.version ?? 0) !== record.version - 1) return false;
    this.#memberships.set(key, structuredClone(record));
    return true;
  }

  async putMissing(records: readonly MembershipRecord[]): Promise<void> {
    for (const record of records) {
      const key = keyOf(record.community_id, record.member_id);
      if (!this.#memberships.has(key)) this.#memberships.set(key, structuredClone(record));
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

  async removeByCommunity(communityId: string): Promise<void> {
    for (const [key, record] of this.#memberships) if (record.community_id === communityId) this.#memberships.delete(key);
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
