import { type Collection, type Db, type Filter, ObjectId } from 'mongodb';
import type { RefreshTokenRecord, SessionRecord, SessionRepository, Untold } from '../contracts.js';
import type { ReadBound } from './bound.js';
import { isDuplicate, reading, writing } from './faults.js';
import { date, dateOrNull, msOrNull, oid, oids, type Present, present } from './fields.js';
import { batchSize, PointReads } from './point-reads.js';
import { MongoUntold, newMark, type UntoldFields } from './untold.js';

const mostListed = 200;

const fieldsOf = (session: SessionRecord) => ({
  member_id: oid(session.member_id),
  created_at: date(session.created_at),
  last_used_at: date(session.last_used_at),
  expires_at: date(session.expires_at),
  ends_at: date(session.ends_at),
  user_agent: session.user_agent,
  ip: session.ip,
  ended_at: dateOrNull(session.ended_at),
});

/** `ended_by` names the call that ended it, so that this call can tell which ones were its own. */
type SessionDocument = Present<ReturnType<typeof fieldsOf>> & UntoldFields & { _id: ObjectId; ended_by?: ObjectId };

interface TokenDocument {
  _id: string;
  session_id: ObjectId;
  expires_at: Date;
  used_at?: Date;
  used_by?: string;
}

const toRecord = (document: SessionDocument): SessionRecord => ({
  id: document._id.toHexString(),
  member_id: document.member_id.toHexString(),
  created_at: document.created_at.getTime(),
  last_used_at: document.last_used_at.getTime(),
  expires_at: document.expires_at.getTime(),
  // A node of the version before has written none: then it is not refreshed past its present end.
  ends_at: (document.ends_at ?? document.expires_at).getTime(),
  user_agent: document.user_agent ?? null,
  ip: document.ip ?? null,
  ended_at: msOrNull(document.ended_at),
});

/** Sessions and their refresh tokens; the same session or token inserted again is harmless (the first stays). */
export class MongoSessions implements SessionRepository {
  readonly #sessions: Collection<SessionDocument>;
  readonly #tokens: Collection<TokenDocument>;
  readonly #bound: ReadBound;
  readonly #byId: PointReads<SessionRecord>;
  readonly #untold: MongoUntold<SessionDocument, SessionRecord>;

  constructor(db: Db, bound: ReadBound) {
    this.#sessions = db.collection('sessions');
    this.#tokens = db.collection('refresh_tokens');
    this.#bound = bound;
    this.#byId = new PointReads(async (ids) => {
      const found = await reading(() => this.#sessions.find({ _id: { $in: oids(ids) } }, { batchSize, ...this.#bound }).toArray());
      return new Map(found.map((document) => [document._id.toHexString(), toRecord(document)]));
    });
    this.#untold = new MongoUntold(this.#sessions, bound, {
      keyOf: ({ _id }) => _id.toHexString(),
      named: (keys) => ({ _id: { $in: oids(keys) } }),
      toRecord,
    });
  }

  async insert(session: SessionRecord): Promise<void> {
    await once(() => this.#sessions.insertOne({ _id: oid(session.id), ...present(fieldsOf(session)), ...newMark() }));
  }

  byId(id: string): Promise<SessionRecord | null> {
    return this.#byId.get(id);
  }

  async byIds(ids: readonly string[]): Promise<SessionRecord[]> {
    return [...(await this.#byId.all(ids)).values()];
  }

  async listByMember(memberId: string, now: number): Promise<SessionRecord[]> {
    const found = await reading(() =>
      this.#sessions
        .find({ member_id: oid(memberId), ended_at: { $exists: false }, expires_at: { $gt: date(now) } }, this.#bound)
        .sort({ last_used_at: -1, _id: -1 })
        .limit(mostListed)
        .toArray(),
    );
    return found.map(toRecord);
  }

  async touch(id: string, at: number, expiresAt: number): Promise<void> {
    await writing(() =>
      this.#sessions.updateOne(
        { _id: oid(id), ended_at: { $exists: false } },
        { $max: { last_used_at: date(at), expires_at: date(expiresAt) } },
      ),
    );
  }

  async end(id: string, at: number): Promise<boolean> {
    const result = await writing(() =>
      this.#sessions.updateOne({ _id: oid(id), ended_at: { $exists: false } }, { $set: { ended_at: date(at), ...newMark() } }),
    );
    return result.modifiedCount === 1;
  }

  async endByMember(memberId: string, at: number, except: string | null = null): Promise<string[]> {
    const living: Filter<SessionDocument> = {
      member_id: oid(memberId),
      ended_at: { $exists: false },
      ...(except !== null && { _id: { $ne: oid(except) } }),
    };
    const ended_by = new ObjectId();
    const result = await writing(() => this.#sessions.updateMany(living, { $set: { ended_at: date(at), ended_by, ...newMark() } }));
    if (result.modifiedCount === 0) return [];
    const ended = await reading(() =>
      this.#sessions
        .find({ member_id: oid(memberId), ended_by }, this.#bound)
        .project<{ _id: ObjectId }>({ _id: 1 })
        .toArray(),
    );
    return ended.map(({ _id }) => _id.toHexString());
  }

  untold(memberId: string, limit: number): Promise<Untold<SessionRecord>[]> {
    return this.#untold.untold(memberId, limit);
  }

  told(memberId: string, those: readonly Untold<SessionRecord>[]): Promise<void> {
    return this.#untold.told(memberId, those);
  }

  untoldMembers(before: number, after: string | undefined, limit: number): Promise<string[] | null> {
    return this.#untold.untoldMembers(before, after, limit);
  }

  async insertToken(token: RefreshTokenRecord): Promise<void> {
    await once(() =>
      this.#tokens.insertOne({
        _id: token.hash,
        session_id: oid(token.session_id),
        expires_at: date(token.expires_at),
        ...present({ used_at: dateOrNull(token.used_at), used_by: token.used_by }),
      }),
    );
  }

  async token(hash: string): Promise<RefreshTokenRecord | null> {
    const found = await reading(() => this.#tokens.findOne({ _id: hash }, this.#bound));
    return (
      found && {
        hash: found._id,
        session_id: found.session_id.toHexString(),
        expires_at: found.expires_at.getTime(),
        used_at: msOrNull(found.used_at),
        used_by: found.used_by ?? null,
      }
    );
  }

  async useToken(hash: string, at: number, by: string): Promise<boolean> {
    const used = { $set: { used_at: date(at), used_by: by } };
    const result = await writing(() => this.#tokens.updateOne({ _id: hash, used_at: { $exists: false } }, used));
    return result.modifiedCount === 1;
  }
}

const once = async (insert: () => Promise<unknown>): Promise<void> => {
  try {
    await writing(insert);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
};
