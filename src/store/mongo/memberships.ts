import type { Collection, Db, ObjectId } from 'mongodb';
import type { MembershipRecord, MembershipRepository, Slice } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertAll } from './bulk.js';
import { isDuplicate, reading, writing } from './faults.js';
import { changesTo, date, dateOrNull, filledOrNull, msOrNull, oid, oids, type Present } from './fields.js';
import { findPairs } from './pair-reads.js';
import { batchSize, PointReads } from './point-reads.js';

const mostOfOneMember = 10_000;

const fieldsOf = (record: MembershipRecord) => ({
  community_id: oid(record.community_id),
  member_id: oid(record.member_id),
  roles: filledOrNull(oids(record.roles)),
  state: record.state,
  joined_at: date(record.joined_at),
  read_at: record.read_at === undefined ? null : date(record.read_at),
  muted_until: dateOrNull(record.muted_until),
  version: record.version,
});

/** Older releases wrote no version. */
type MembershipDocument = Omit<Present<ReturnType<typeof fieldsOf>>, 'version'> & { _id: ObjectId; version?: number };

const toRecord = (document: MembershipDocument): MembershipRecord => ({
  community_id: document.community_id.toHexString(),
  member_id: document.member_id.toHexString(),
  roles: (document.roles ?? []).map((id) => id.toHexString()),
  state: document.state,
  joined_at: document.joined_at.getTime(),
  muted_until: msOrNull(document.muted_until),
  ...(document.read_at && { read_at: document.read_at.getTime() }),
  version: document.version ?? 0,
});

const pairOf = (record: { community_id: string; member_id: string }) => ({
  community_id: oid(record.community_id),
  member_id: oid(record.member_id),
});

export class MongoMemberships implements MembershipRepository {
  readonly #memberships: Collection<MembershipDocument>;
  readonly #bound: ReadBound;
  readonly #gets: PointReads<MembershipRecord>;
  readonly #ofMember: PointReads<MembershipRecord[]>;

  constructor(db: Db, bound: ReadBound) {
    this.#memberships = db.collection('memberships');
    this.#bound = bound;
    this.#gets = new PointReads((pairs) => this.#find(pairs));
    this.#ofMember = new PointReads((memberIds) => this.#ofMembers(memberIds));
  }

  get(communityId: string, memberId: string): Promise<MembershipRecord | null> {
    return this.#gets.get(communityId, memberId);
  }

  async put(record: MembershipRecord): Promise<boolean> {
    const { community_id: _, member_id: __, ...rest } = fieldsOf(record);
    const isFirst = record.version === 1;
    const version = isFirst ? { $exists: false } : record.version - 1;
    try {
      const { matchedCount, upsertedCount } = await writing(() =>
        this.#memberships.updateOne({ ...pairOf(record), version }, changesTo(rest), { upsert: isFirst }),
      );
      return matchedCount + upsertedCount > 0;
    } catch (error) {
      // There is a document, and it does not match.
      if (isFirst && isDuplicate(error)) return false;
      throw error;
    }
  }

  async putMissing(records: readonly MembershipRecord[]): Promise<void> {
    await upsertAll(
      this.#memberships,
      records.map((record) => {
        const { community_id: _, member_id: __, ...rest } = fieldsOf(record);
        return { updateOne: { filter: pairOf(record), update: { $setOnInsert: changesTo(rest).$set ?? {} }, upsert: true } };
      }),
    );
  }

  async listByCommunity(communityId: string, slice: Slice<{ joined_at: number; member_id: string }>): Promise<MembershipRecord[]> {
    const after = slice.after && { joined_at: date(slice.after.joined_at), member_id: oid(slice.after.member_id) };
    const found = await reading(() =>
      this.#memberships
        .find(
          {
            community_id: oid(communityId),
            state: 'active',
            ...(after && {
              joined_at: { $gte: after.joined_at },
              $or: [{ joined_at: { $gt: after.joined_at } }, { member_id: { $gt: after.member_id } }],
            }),
          },
          this.#bound,
        )
        .sort({ joined_at: 1, member_id: 1 })
        .limit(slice.limit)
        .toArray(),
    );
    return found.map(toRecord);
  }

  async listByMember(memberId: string): Promise<MembershipRecord[]> {
    return (await this.#ofMember.get(memberId)) ?? [];
  }

  async placesOf(memberId: string): Promise<string[]> {
    const found = await reading(() =>
      this.#memberships
        .find({ member_id: oid(memberId) }, { batchSize, ...this.#bound })
        .project<Pick<MembershipDocument, 'community_id'>>({ _id: 0, community_id: 1 })
        .limit(mostOfOneMember)
        .toArray(),
    );
    return found.map(({ community_id }) => community_id.toHexString());
  }

  async listBelonging(memberId: string): Promise<MembershipRecord[]> {
    const filter = { member_id: oid(memberId), state: { $in: ['active' as const, 'closed' as const] } };
    const found = await reading(() =>
      this.#memberships
        .find(filter, { batchSize, ...this.#bound })
        .limit(mostOfOneMember)
        .toArray(),
    );
    return found.map(toRecord);
  }

  async removeByCommunity(communityId: string): Promise<void> {
    await writing(() => this.#memberships.deleteMany({ community_id: oid(communityId) }));
  }

  async countActive(communityId: string): Promise<number> {
    return reading(() => this.#memberships.countDocuments({ community_id: oid(communityId), state: 'active' }, this.#bound));
  }

  async listHolders(communityId: string, roleId: string, limit: number): Promise<MembershipRecord[]> {
    const holders = { community_id: oid(communityId), roles: oid(roleId), state: 'active' as const };
    const found = await reading(() =>
      this.#memberships.find(holders, this.#bound).sort({ joined_at: 1, member_id: 1 }).limit(limit).toArray(),
    );
    return found.map(toRecord);
  }

  async #find(pairs: readonly string[]): Promise<Map<string, MembershipRecord>> {
    const found = await findPairs(this.#memberships, ['community_id', 'member_id'], pairs, this.#bound);
    return new Map(found.map(toRecord).map((record) => [`${record.community_id} ${record.member_id}`, record]));
  }

  async #ofMembers(memberIds: readonly string[]): Promise<Map<string, MembershipRecord[]>> {
    const found = await reading(() =>
      this.#memberships
        .find({ member_id: { $in: oids(memberIds) }, state: 'active' }, { batchSize, ...this.#bound })
        .limit(memberIds.length * mostOfOneMember)
        .toArray(),
    );
    const byMember = new Map<string, MembershipRecord[]>(memberIds.map((id) => [id, []]));
    for (const document of found) byMember.get(document.member_id.toHexString())?.push(toRecord(document));
    return byMember;
  }
}
