import type { Collection, Db, Filter, ObjectId } from 'mongodb';
import { Fault } from '../../kernel/errors.js';
import type { AccountChange, MemberRecord, MemberRepository, ProfilePatch, SignedOut, Slice } from '../contracts.js';
import { fold, nameKeys, prefixKey } from '../folding.js';
import type { ReadBound } from './bound.js';
import { insertMissing } from './bulk.js';
import { isDuplicate, reading, writing } from './faults.js';
import { changesTo, date, dateOrNull, isEmpty, msOrNull, oid, oids, present } from './fields.js';
import { batchSize, PointReads } from './point-reads.js';
import { SharedWrites } from './shared-writes.js';

const presenceFields = (presence: MemberRecord['presence']) =>
  present({
    state: presence.state,
    text: presence.text,
    last_active_at: dateOrNull(presence.last_active_at),
    fresh_until: date(presence.fresh_until),
  });

const signedOutFields = ({ at, except }: SignedOut) => present({ at: date(at), except: except === null ? null : oid(except) });

const keysOf = (patch: ProfilePatch) => ({
  ...(patch.username !== undefined && { username_key: fold(patch.username) }),
  ...(patch.full_name !== undefined && { name_keys: nameKeys(patch.full_name) }),
});

const toDocument = (member: MemberRecord) =>
  present({
    _id: oid(member.id),
    username: member.username,
    username_key: fold(member.username),
    email: member.email,
    password_hash: member.password_hash,
    full_name: member.full_name,
    name_keys: nameKeys(member.full_name),
    avatar_url: member.avatar_url,
    bio: member.bio,
    joined_at: date(member.joined_at),
    is_active: member.is_active,
    reopen_until: dateOrNull(member.reopen_until),
    signed_out: member.signed_out && signedOutFields(member.signed_out),
    presence: presenceFields(member.presence),
  });

/**
 * `email_key` is there where a member signs in by the e-mail; its index, which is unique, decides who. `account_changed_at`: see
 * AccountChange.
 */
type MemberDocument = ReturnType<typeof toDocument> & { _id: ObjectId; email_key?: string; account_changed_at?: Date };

const changeFields = { is_active: 1, account_changed_at: 1 };
const toChange = (document: Pick<MemberDocument, '_id' | 'is_active' | 'account_changed_at'>): AccountChange => ({
  id: document._id.toHexString(),
  is_active: document.is_active,
  at: document.account_changed_at?.getTime() ?? 0,
});

const toRecord = (document: MemberDocument): MemberRecord => ({
  id: document._id.toHexString(),
  username: document.username,
  email: document.email,
  password_hash: document.password_hash ?? null,
  full_name: document.full_name ?? null,
  avatar_url: document.avatar_url ?? null,
  bio: document.bio ?? null,
  joined_at: document.joined_at.getTime(),
  is_active: document.is_active,
  reopen_until: msOrNull(document.reopen_until),
  signed_out: document.signed_out
    ? { at: document.signed_out.at.getTime(), except: document.signed_out.except?.toHexString() ?? null }
    : null,
  presence: {
    state: document.presence.state,
    text: document.presence.text ?? null,
    last_active_at: msOrNull(document.presence.last_active_at),
    fresh_until: document.presence.fresh_until.getTime(),
  },
});

interface PresenceChange {
  id: string;
  presence: MemberRecord['presence'];
}

/** Higher than every character, so that [q, q + last) holds all that begin with q. */
const last = '\u{10ffff}';

/** So many who have a name that begins so are looked at at once. */
const fewNames = 500;

export class MongoMembers implements MemberRepository {
  readonly #members: Collection<MemberDocument>;
  readonly #bound: ReadBound;
  readonly #byId: PointReads<MemberRecord>;
  readonly #presences: SharedWrites<PresenceChange>;

  constructor(db: Db, bound: ReadBound) {
    this.#members = db.collection('members');
    this.#bound = bound;
    this.#byId = new PointReads(async (ids) => new Map((await this.byIds(ids)).map((member) => [member.id, member])));
    this.#presences = new SharedWrites((changes) => this.#writePresence(changes), { items: 500, key: ({ id }) => id, gapMs: () => 100 });
  }

  async insert(member: MemberRecord): Promise<void> {
    try {
      await writing(() => this.#members.insertOne(toDocument(member)));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      if (await this.byId(member.id)) return;
      throw await this.#conflict(member.id, member, error);
    }
  }

  async holdEmail(id: string): Promise<void> {
    const member = await this.byId(id);
    if (!member) return;
    try {
      // By the e-mail as it was read: should it change meanwhile, what holds the new one comes after this.
      const asRead = { _id: oid(id), email: member.email };
      await writing(() => this.#members.updateOne(asRead, { $set: { email_key: fold(member.email) } }));
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  async setEmail(id: string, email: string): Promise<MemberRecord | null> {
    const key = fold(email);
    // Two writes whatever is held, so that their number tells nothing. A crash between leaves the old text of the same e-mail at worst.
    await writing(() => this.#members.updateOne({ _id: oid(id), email_key: { $ne: key } }, { $set: { email }, $unset: { email_key: '' } }));
    await writing(() => this.#members.updateOne({ _id: oid(id) }, { $set: { email } }));
    return this.byId(id);
  }

  async putMissing(members: readonly MemberRecord[]): Promise<string[]> {
    const added = await insertMissing(this.#members, members.map(toDocument));
    return added.map((document) => document._id.toHexString());
  }

  byId(id: string): Promise<MemberRecord | null> {
    return this.#byId.get(id);
  }

  async byIds(ids: readonly string[]): Promise<MemberRecord[]> {
    if (ids.length === 0) return [];
    const found = await reading(() => this.#members.find({ _id: { $in: oids(ids) } }, { batchSize, ...this.#bound }).toArray());
    return found.map(toRecord);
  }

  async byUsername(username: string): Promise<MemberRecord | null> {
    return this.#one({ username_key: fold(username) });
  }

  async idsByUsernames(usernames: readonly string[]): Promise<Map<string, string>> {
    if (usernames.length === 0) return new Map();
    const found = await reading(() =>
      this.#members
        .find({ username_key: { $in: [...new Set(usernames.map(fold))] }, is_active: true }, this.#bound)
        .project<{ _id: ObjectId; username_key: string }>({ username_key: 1 })
        .toArray(),
    );
    return new Map(found.map((member) => [member.username_key, member._id.toHexString()]));
  }

  async byLogin(login: string): Promise<MemberRecord | null> {
    const key = fold(login);
    return (await this.#one({ username_key: key })) ?? (await this.#one({ email_key: { $eq: key, $exists: true } }));
  }

  async update(id: string, patch: ProfilePatch): Promise<MemberRecord | null> {
    const changes = changesTo({ ...patch, ...keysOf(patch) });
    if (isEmpty(changes)) return this.byId(id);
    try {
      // Not findOneAndUpdate: DocumentDB does not call its duplicates duplicates.
      const result = await writing(() => this.#members.updateOne({ _id: oid(id) }, changes));
      return result.matchedCount === 0 ? null : await this.byId(id);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw await this.#conflict(id, patch, error);
    }
  }

  async setPassword(id: string, hash: string, signedOut: SignedOut): Promise<boolean> {
    return this.#change(id, { password_hash: hash, signed_out: signedOutFields(signedOut) });
  }

  async setSignedOut(id: string, signedOut: SignedOut): Promise<boolean> {
    return this.#change(id, { signed_out: signedOutFields(signedOut) });
  }

  async deactivate(id: string, { at, reopen_until }: { at: number; reopen_until: number | null }): Promise<boolean> {
    const closing = { is_active: false, reopen_until: dateOrNull(reopen_until), signed_out: signedOutFields({ at, except: null }) };
    const open = { _id: oid(id), is_active: true };
    const result = await writing(() => this.#members.updateOne(open, changesTo({ ...closing, account_changed_at: date(at) })));
    return result.matchedCount === 1 || this.#change(id, closing);
  }

  async reopen(id: string, now: number): Promise<boolean> {
    const closed = { _id: oid(id), is_active: false, reopen_until: { $gt: date(now) } };
    const opening = { is_active: true, reopen_until: null, account_changed_at: date(now) };
    const result = await writing(() => this.#members.updateOne(closed, changesTo(opening)));
    return result.matchedCount === 1;
  }

  async accountChange(id: string): Promise<AccountChange | null> {
    const found = await reading(() =>
      this.#members.findOne({ _id: oid(id), account_changed_at: { $exists: true } }, { projection: changeFields, ...this.#bound }),
    );
    return found && toChange(found);
  }

  async accountChanges(before: number, limit: number): Promise<AccountChange[]> {
    const found = await reading(() =>
      this.#members
        .find({ account_changed_at: { $lt: date(before) } }, { projection: changeFields, ...this.#bound })
        .sort({ account_changed_at: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(toChange);
  }

  async accountChangeTold({ id, at }: AccountChange): Promise<void> {
    await writing(() => this.#members.updateOne({ _id: oid(id), account_changed_at: date(at) }, { $unset: { account_changed_at: '' } }));
  }

  async list(filter: { q?: string | undefined }, slice: Slice<string>): Promise<MemberRecord[]> {
    const q = prefixKey(filter.q ?? '');
    const listed = { is_active: true, ...(slice.after !== undefined && { username_key: { $gt: fold(slice.after) } }) };
    if (q === '') return this.#inOrder(listed, slice.limit);
    const begins = { $gte: q, $lt: q + last };
    const byUsername = { $and: [listed, { username_key: begins }] };
    const byName = { ...listed, name_keys: { $elemMatch: begins } };
    // Few by that name are found by its index, which has not the order of the list; were they looked for in this order, it would be
    // gone through to its end. Many are soon met in this order.
    const named = await reading(() =>
      this.#members
        .find(byName, { projection: { username_key: 1 }, batchSize: fewNames + 1, ...this.#bound })
        .limit(fewNames + 1)
        .toArray(),
    );
    if (named.length > fewNames) return this.#inOrder({ $or: [byUsername, byName] }, slice.limit);
    const first = named.sort((a, b) => (a.username_key < b.username_key ? -1 : 1)).slice(0, slice.limit);
    const [users, others] = await Promise.all([
      this.#inOrder(byUsername, slice.limit),
      this.byIds(first.map(({ _id }) => _id.toHexString())),
    ]);
    const found = [...users, ...others.filter((member) => member.is_active)];
    const all = new Map(found.map((member) => [fold(member.username), member]));
    return [...all]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, member]) => member)
      .slice(0, slice.limit);
  }

  async #change(id: string, fields: object): Promise<boolean> {
    const result = await writing(() => this.#members.updateOne({ _id: oid(id) }, changesTo(fields)));
    return result.matchedCount === 1;
  }

  async #inOrder(filter: Filter<MemberDocument>, limit: number): Promise<MemberRecord[]> {
    const found = await reading(() => this.#members.find(filter, this.#bound).sort({ username_key: 1 }).limit(limit).toArray());
    return found.map(toRecord);
  }

  /** Resolves when no presence is being stored. */
  idle(): Promise<void> {
    return this.#presences.idle();
  }

  setPresence(changes: readonly PresenceChange[]): Promise<void> {
    return this.#presences.add(changes);
  }

  async #writePresence(changes: readonly PresenceChange[]): Promise<void> {
    await writing(() =>
      this.#members.bulkWrite(
        changes.map(({ id, presence }) => ({
          updateOne: { filter: { _id: oid(id) }, update: { $set: { presence: presenceFields(presence) } } },
        })),
        { ordered: false },
      ),
    );
  }

  async #one(filter: Parameters<Collection<MemberDocument>['findOne']>[0] & object): Promise<MemberRecord | null> {
    const found = await reading(() => this.#members.findOne(filter, this.#bound));
    return found && toRecord(found);
  }

  /** Whether the name is another member's: it may have gone between the refusal and the look, and then trying again is right. */
  async #conflict(id: string, { username }: ProfilePatch, cause: unknown): Promise<Fault> {
    const owner = username === undefined ? null : await this.byUsername(username);
    return owner && owner.id !== id
      ? new Fault('conflict', undefined, { errors: [{ path: 'username', message: 'is taken' }] })
      : new Fault('unavailable', undefined, {}, cause);
  }
}
