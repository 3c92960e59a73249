import type { Collection, Db, Filter, ObjectId } from 'mongodb';
import { fold } from '../../text/folding.js';
import { tagKeys } from '../../text/tags.js';
import type { CommunityPatch, CommunityProjection, CommunityRecord, CommunityRepository, OwedToMemberships, Slice } from '../contracts.js';
import { nameParts, nameText } from '../names.js';
import type { ReadBound } from './bound.js';
import { isDuplicate, reading, writing } from './faults.js';
import { changesTo, date, dateOrNull, isEmpty, msOrNull, oid, oids, present } from './fields.js';
import { isUntold, markedBefore, newMark } from './untold.js';

const ownerFields = ({ owner_id, handed_over_by }: Pick<CommunityRecord, 'owner_id' | 'handed_over_by'>) => ({
  owner_id: oid(owner_id),
  handed_over_by: handed_over_by === null ? null : oid(handed_over_by),
});

const beforeField = ({ owner_before }: OwedToMemberships) => (owner_before === undefined ? {} : { owner_before: oid(owner_before) });

/** What a community is listed, sorted and looked for by. */
export const communityKeys = ({ name, tags }: { name?: string | undefined; tags?: readonly string[] | undefined }) => ({
  ...(name !== undefined && { name_key: fold(name), name_text: nameText(name) }),
  ...(tags !== undefined && { tag_keys: tagKeys(tags) }),
});

const toDocument = (community: CommunityRecord) =>
  present({
    _id: oid(community.id),
    kind: community.kind === 'community' ? null : community.kind,
    name: community.name,
    name_key: fold(community.name),
    name_text: nameText(community.name),
    description: community.description,
    created_by: oid(community.created_by),
    ...ownerFields(community),
    ...beforeField(community),
    roles: community.roles ?? null,
    created_at: date(community.created_at),
    updated_at: date(community.updated_at),
    member_count: community.member_count,
    is_public: community.is_public,
    tags: community.tags,
    tag_keys: tagKeys(community.tags),
    avatar_url: community.avatar_url,
    deleted_at: dateOrNull(community.deleted_at),
    ledger_rev: community.ledger_rev,
  });

export type CommunityDocument = ReturnType<typeof toDocument> & { _id: ObjectId; untold?: ObjectId };

export const toRecord = (document: CommunityDocument): CommunityRecord => ({
  id: document._id.toHexString(),
  kind: document.kind ?? 'community',
  name: document.name,
  description: document.description ?? null,
  created_by: document.created_by.toHexString(),
  owner_id: document.owner_id.toHexString(),
  handed_over_by: document.handed_over_by?.toHexString() ?? null,
  ...(document.owner_before && { owner_before: document.owner_before.toHexString() }),
  ...(document.untold && { untold: document.untold.toHexString() }),
  ...(document.roles && { roles: document.roles }),
  created_at: document.created_at.getTime(),
  updated_at: document.updated_at.getTime(),
  member_count: document.member_count,
  is_public: document.is_public,
  tags: document.tags,
  avatar_url: document.avatar_url ?? null,
  deleted_at: msOrNull(document.deleted_at),
  ledger_rev: document.ledger_rev ?? 1,
});

const patchFields = (patch: CommunityPatch) => ({
  ...patch,
  ...communityKeys(patch),
  ...(patch.updated_at !== undefined && { updated_at: date(patch.updated_at) }),
  ...(patch.deleted_at !== undefined && { deleted_at: dateOrNull(patch.deleted_at) }),
});

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** The listing's order is by folded name, then id; a cursor's name is folded the same way. */
export class MongoCommunities implements CommunityRepository {
  readonly #communities: Collection<CommunityDocument>;
  readonly #bound: ReadBound;

  constructor(db: Db, bound: ReadBound) {
    this.#communities = db.collection('communities');
    this.#bound = bound;
  }

  async insert(community: CommunityRecord): Promise<void> {
    try {
      await writing(() => this.#communities.insertOne(toDocument(community)));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  async byId(id: string): Promise<CommunityRecord | null> {
    const found = await reading(() => this.#communities.findOne({ _id: oid(id) }, this.#bound));
    return found && toRecord(found);
  }

  async byIds(ids: readonly string[]): Promise<CommunityRecord[]> {
    if (ids.length === 0) return [];
    const found = await reading(() => this.#communities.find({ _id: { $in: oids(ids) } }, this.#bound).toArray());
    return found.map(toRecord);
  }

  async publicAmong(ids: readonly string[]): Promise<string[]> {
    if (ids.length === 0) return [];
    const found = await reading(() =>
      this.#communities
        .find({ _id: { $in: oids(ids) }, is_public: true, deleted_at: { $exists: false } }, this.#bound)
        .project<Pick<CommunityDocument, '_id'>>({ _id: 1 })
        .toArray(),
    );
    return found.map(({ _id }) => _id.toHexString());
  }

  async update(id: string, patch: CommunityPatch): Promise<CommunityRecord | null> {
    const changes = changesTo({ ...patchFields(patch), ...(patch.deleted_at !== undefined && newMark()) });
    if (isEmpty(changes)) return this.byId(id);
    const changed = await writing(() => this.#communities.findOneAndUpdate({ _id: oid(id) }, changes, { returnDocument: 'after' }));
    return changed && toRecord(changed);
  }

  async apply(id: string, ledger_rev: number, state: CommunityProjection, owed?: OwedToMemberships): Promise<void> {
    const { owner_id, handed_over_by, roles, ...patch } = state;
    const marked = owed && { ...beforeField(owed), ...newMark() };
    const fields = { ...patchFields(patch), ...ownerFields({ owner_id, handed_over_by }), roles, ledger_rev, ...marked };
    const older = { _id: oid(id), ledger_rev: { $not: { $gte: ledger_rev } } };
    await writing(() => this.#communities.updateOne(older, changesTo(fields)));
  }

  async untold(before: number, limit: number): Promise<CommunityRecord[]> {
    const found = await reading(() =>
      this.#communities
        .find({ untold: markedBefore(before) }, this.#bound)
        .sort({ untold: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(toRecord);
  }

  async told(id: string, mark: string): Promise<void> {
    await writing(() => this.#communities.updateOne({ _id: oid(id), untold: { $eq: oid(mark), ...isUntold } }, { $unset: { untold: '' } }));
  }

  /** Without the roles: nobody who lists asks for them. */
  async list(
    filter: { visible: readonly string[]; only?: readonly string[] | undefined; q?: string | undefined; tag?: string | undefined },
    slice: Slice<{ name: string; id: string }>,
  ): Promise<CommunityRecord[]> {
    const all: Filter<CommunityDocument>[] = [
      { deleted_at: { $exists: false }, kind: { $exists: false } },
      { $or: [{ is_public: true }, { _id: { $in: oids(filter.visible) } }] },
    ];
    if (filter.only) all.push({ _id: { $in: oids(filter.only) } });
    if (filter.q !== undefined) {
      const parts = nameParts(filter.q);
      if (parts.length === 0) return [];
      all.push({ name_text: { $regex: parts.map(escaped).join('|') } });
    }
    if (filter.tag !== undefined) all.push({ tag_keys: fold(filter.tag) });
    if (slice.after) {
      const key = fold(slice.after.name);
      all.push({ name_key: { $gte: key } }, { $or: [{ name_key: { $gt: key } }, { _id: { $gt: oid(slice.after.id) } }] });
    }
    const found = await reading(() =>
      this.#communities
        .find({ $and: all }, { ...this.#bound, projection: { roles: 0 } })
        .sort({ name_key: 1, _id: 1 })
        .limit(slice.limit)
        .toArray(),
    );
    return found.map(toRecord);
  }
}
