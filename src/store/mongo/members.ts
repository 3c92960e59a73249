import type { Collection, Db, Filter, ObjectId } from 'mongodb';
import { Fault } from '../../kernel/errors.js';
import { fold } from '../../text/folding.js';
import type { AccountChange, MemberRecord, MemberRepository, ProfilePatch, SignedOut, Slice } from '../contracts.js';
import { namePrefix } from '../names.js';
import type { ReadBound } from './bound.js';
import { insertMissing } from './bulk.js';
import { isDuplicate, reading, writing } from './faults.js';
import { changesTo, date, dateOrNull, isEmpty, oid, oids } from './fields.js';
import {
  accountChange,
  changeFields,
  type MemberDocument,
  memberDocument,
  memberKeys,
  memberRecord,
  presenceFields,
  signedOutFields,
} from './member-document.js';
import { batchSize, PointReads } from './point-reads.js';
import { SharedWrites } from './shared-writes.js';

interface PresenceChange {
  id: string;
  presence: MemberRecord['presence'];
}

/** Higher than every character, so that [q, q + last) holds all that begin with q. */
const last = '\u{10ffff}';
const beginsWith = (q: string) => ({ $gte: q, $lt: q + last });

/**
 * Names that are looked up together with those of others. Who asks for more asks alone, so that a text full of them
 * holds nobody up.
 */
const namesTogether = 100;

/** So many who have a name that begins so are looked at at once. */
const fewNames = 500;

export class MongoMembers implements MemberRepository {
  readonly #members: Collection<MemberDocument>;
  readonly #bound: ReadBound;
  readonly #byId: PointReads<MemberRecord>;
  readonly #idsByName: PointReads<string>;
  readonly #presences: SharedWrites<PresenceChange>;

  constructor(db: Db, bound: ReadBound) {
    this.#members = db.collection('members');
    this.#bound = bound;
    this.#byId = new PointReads(async (ids) => new Map((await this.byIds(ids)).map((member) => [member.id, member])));
    this.#idsByName = new PointReads((keys) => this.#findIds(keys));
    this.#presences = new SharedWrites((changes) => this.#writePresence(changes), { items: 500, key: ({ id }) => id, gapMs: () => 100 });
  }

  async insert(member: MemberRecord): Promise<void> {
    try {
      await writing(() => this.#members.insertOne(memberDocument(member)));
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
    const added = await insertMissing(this.#members, members.map(memberDocument));
    return added.map((document) => document._id.toHexString());
  }

  byId(id: string): Promise<MemberRecord | null> {
    return this.#byId.get(id);
  }

  async byIds(ids: readonly string[]): Promise<MemberRecord[]> {
    if (ids.length === 0) return [];
    const found = await reading(() => this.#members.find({ _id: { $in: oids(ids) } }, { batchSize, ...this.#bound }).toArray());
    return found.map(memberRecord);
  }

  async byUsername(username: string): Promise<MemberRecord | null> {
    return this.#one({ username_key: fold(username) });
  }

  async idsByUsernames(usernames: readonly string[]): Promise<Map<string, string>> {
    const keys = [...new Set(usernames.map(fold))];
    return keys.length > namesTogether ? this.#findIds(keys) : this.#idsByName.all(keys);
  }

  async #findIds(keys: readonly string[]): Promise<Map<string, string>> {
    const found = await reading(() =>
      this.#members
        .find({ username_key: { $in: [...keys] }, is_active: true }, { batchSize, ...this.#bound })
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
    const changes = changesTo({ ...patch, ...memberKeys(patch) });
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
    return found && accountChange(found);
  }

  async accountChanges(before: number, limit: number): Promise<AccountChange[]> {
    const found = await reading(() =>
      this.#members
        .find({ account_changed_at: { $lt: date(before) } }, { projection: changeFields, ...this.#bound })
        .sort({ account_changed_at: 1 })
        .limit(limit)
        .toArray(),
    );
    return found.map(accountChange);
  }

  async accountChangeTold({ id, at }: AccountChange): Promise<void> {
    await writing(() => this.#members.updateOne({ _id: oid(id), account_changed_at: date(at) }, { $unset: { account_changed_at: '' } }));
  }

  async list(filter: { q?: string | undefined }, slice: Slice<string>): Promise<MemberRecord[]> {
    const listed = { is_active: true, ...(slice.after !== undefined && { username_key: { $gt: fold(slice.after) } }) };
    if (filter.q === undefined) return this.#inOrder(listed, slice.limit);
    const q = namePrefix(filter.q);
    if (q === '') return [];
    const byUsername = { $and: [listed, { username_key: beginsWith(fold(filter.q)) }] };
    const byName = { ...listed, name_keys: { $elemMatch: beginsWith(q) } };
    const byPart = { ...listed, username_keys: { $elemMatch: beginsWith(q) } };
    // Few by that name are found by its index, which has not the order of the list; were they looked for in this order, it would be
    // gone through to its end. Many are soon met in this order.
    const [named, parted] = await Promise.all([this.#few(byName), this.#few(byPart)]);
    if (Math.max(named.length, parted.length) > fewNames) return this.#inOrder({ $or: [byUsername, byName, byPart] }, slice.limit);
    const keys = new Map([...named, ...parted].map(({ _id, username_key }) => [_id.toHexString(), username_key]));
    const first = [...keys].sort(([, a], [, b]) => (a < b ? -1 : 1)).slice(0, slice.limit);
    const [users, others] = await Promise.all([this.#inOrder(byUsername, slice.limit), this.byIds(first.map(([id]) => id))]);
    const found = [...users, ...others.filter((member) => member.is_active)];
    const all = new Map(found.map((member) => [fold(member.username), member]));
    return [...all]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, member]) => member)
      .slice(0, slice.limit);
  }

  #few(filter: Filter<MemberDocument>): Promise<Pick<MemberDocument, '_id' | 'username_key'>[]> {
    const options = { projection: { username_key: 1 }, batchSize: fewNames + 1, ...this.#bound };
    return reading(() =>
      this.#members
        .find(filter, options)
        .limit(fewNames + 1)
        .toArray(),
    );
  }

  async #change(id: string, fields: object): Promise<boolean> {
    const result = await writing(() => this.#members.updateOne({ _id: oid(id) }, changesTo(fields)));
    return result.matchedCount === 1;
  }

  async #inOrder(filter: Filter<MemberDocument>, limit: number): Promise<MemberRecord[]> {
    const found = await reading(() => this.#members.find(filter, this.#bound).sort({ username_key: 1 }).limit(limit).toArray());
    return found.map(memberRecord);
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
    return found && memberRecord(found);
  }

  /** Whether the name is another member's: it may have gone between the refusal and the look, and then trying again is right. */
  async #conflict(id: string, { username }: ProfilePatch, cause: unknown): Promise<Fault> {
    const owner = username === undefined ? null : await this.byUsername(username);
    return owner && owner.id !== id
      ? new Fault('conflict', undefined, { errors: [{ path: 'username', message: 'is taken' }] })
      : new Fault('unavailable', undefined, {}, cause);
  }
}
