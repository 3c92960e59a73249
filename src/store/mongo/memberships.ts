import type { Collection, Db, ObjectId } from 'mongodb';
import type { MembershipRecord, MembershipRepository, Slice, Untold } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { upsertAll } from './bulk.js';
import { isDuplicate, reading, writing } from './faults.js';
import { changesTo, date, dateOrNull, filledOrNull, msOrNull, oid, oids, type Present } from './fields.js';
import { findPairs } from './pair-reads.js';
import { batchSize, PointReads } from './point-reads.js';
import { MongoUntold, newMark, type UntoldFields } from './untold.js';

const mostOfOneMember = 10_000;
/** So many of a deleted community go by one command. */
const removedAtOnce = 1_000;

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
type MembershipDocument = Omit<Present<ReturnType<typeof fieldsOf>>, 'version'> & UntoldFields & { _id: ObjectId; version?: number };

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
  readonly #untold: MongoUntold<MembershipDocument, MembershipRecord>;

  constructor(db: Db, bound: ReadBound) {
    this.#memberships = db.collection('memberships');
    this.#bound = bound;
    this.#gets = new PointReads((pairs) => this.#find(pairs));
    this.#ofMember = new PointReads((memberIds) => this.#ofMembers(memberIds));
    this.#untold = new MongoUntold(this.#memberships, bound, {
      keyOf: ({ community_id }) => community_id.toHexString(),
      named: (keys) => ({ community_id: { $in: oids(keys) } }),
      toRecord,
    });
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
        this.#memberships.updateOne({ ...pairOf(record), version }, changesTo({ ...rest, ...newMark() }), { upsert: isFirst }),
      );
      return matchedCount + upsertedCount > 0;
    } catch (error) {
      // There is a document, and it does not match.
      if (isFirst && isDuplicate(error)) return false;
      throw error;
    }
  }

  async putMissing(records: readonly MembershipRecord[]): Promise<void> {
    const mark = newMark();
    await upsertAll(
      this.#memberships,
      records.map((record) => {
        const { community_id: _, member_id: __, ...rest } = fieldsOf(record);
        return {
          updateOne: { filter: pairOf(record), update: { $setOnInsert: changesTo({ ...rest, ...mark }).$set ?? {} }, upsert: true },
        };
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
        .project<Pick<MembershipDocument, 'community_id' | 'gone'>>({ _id: 0, community_id: 1, gone: 1 })
        .limit(mostOfOneMember)
        .toArray(),
    );
    return found.filter(({ gone }) => !gone).map(({ community_id }) => community_id.toHexString());
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

  async markUntold(communityId: string, memberIds: readonly string[]): Promise<void> {
    const those = { community_id: oid(communityId), member_id: { $in: oids(memberIds) } };
    await writing(() => this.#memberships.updateMany(those, { $set: newMark() }));
  }

  async removeByCommunity(communityId: string): Promise<void> {
    const there = { community_id: oid(communityId), gone: { $exists: false } };
    for (;;) {
      const some = await reading(() =>
        this.#memberships
          .find(there, { batchSize: removedAtOnce + 1, ...this.#bound })
          .project<{ _id: ObjectId }>({ _id: 1 })
          .limit(removedAtOnce)
          .toArray(),
      );
      if (some.length === 0) return;
      const those = { _id: { $in: some.map(({ _id }) => _id) } };
      const gone = { $set: { state: 'left' as const, gone: true as const, ...newMark() }, $unset: { roles: '' as const } };
      await writing(() => this.#memberships.updateMany(those, gone));
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
    const there = found.filter(({ gone }) => !gone).map(toRecord);
    return new Map(there.map((record) => [`${record.community_id} ${record.member_id}`, record]));
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
