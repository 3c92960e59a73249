import type { Collection, Db, ObjectId } from 'mongodb';
import type { MembershipRecord, MembershipRepository, Slice } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertAll, upsertOnce } from './bulk.js';
import { reading } from './faults.js';
import { changesTo, date, dateOrNull, msOrNull, oid, type Present } from './fields.js';

const mostOfOneMember = 10_000;

const fieldsOf = (record: MembershipRecord) => ({
  community_id: oid(record.community_id),
  member_id: oid(record.member_id),
  role: record.role,
  state: record.state,
  joined_at: date(record.joined_at),
  muted_until: dateOrNull(record.muted_until),
});

type MembershipDocument = Present<ReturnType<typeof fieldsOf>> & { _id: ObjectId };

const toRecord = (document: MembershipDocument): MembershipRecord => ({
  community_id: document.community_id.toHexString(),
  member_id: document.member_id.toHexString(),
  role: document.role,
  state: document.state,
  joined_at: document.joined_at.getTime(),
  muted_until: msOrNull(document.muted_until),
});

const pairOf = (record: { community_id: string; member_id: string }) => ({
  community_id: oid(record.community_id),
  member_id: oid(record.member_id),
});

export class MongoMemberships implements MembershipRepository {
  readonly #memberships: Collection<MembershipDocument>;
  readonly #bound: ReadBound;

  constructor(db: Db, bound: ReadBound) {
    this.#memberships = db.collection('memberships');
    this.#bound = bound;
  }

  async get(communityId: string, memberId: string): Promise<MembershipRecord | null> {
    const found = await reading(() => this.#memberships.findOne(pairOf({ community_id: communityId, member_id: memberId }), this.#bound));
    return found && toRecord(found);
  }

  async put(record: MembershipRecord): Promise<void> {
    const { community_id: _, member_id: __, ...rest } = fieldsOf(record);
    await upsertOnce(() => this.#memberships.updateOne(pairOf(record), changesTo(rest), { upsert: true }));
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
    const found = await reading(() =>
      this.#memberships
        .find({ member_id: oid(memberId), state: 'active' }, this.#bound)
        .limit(mostOfOneMember)
        .toArray(),
    );
    return found.map(toRecord);
  }

  async countActive(communityId: string): Promise<number> {
    return reading(() => this.#memberships.countDocuments({ community_id: oid(communityId), state: 'active' }, this.#bound));
  }

  async listOwners(communityId: string): Promise<MembershipRecord[]> {
    const found = await reading(() =>
      this.#memberships.find({ community_id: oid(communityId), role: 'owner', state: 'active' }, this.#bound).toArray(),
    );
    return found.map(toRecord);
  }
}
