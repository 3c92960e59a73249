import { type Db, MongoClient, ObjectId } from 'mongodb';
import type { Authority, Final, StoredMessage } from '../history/history.js';

/**
 * Only the run's own database, read past every proxy. Whole collections are read along `_id`: a scan in any other order may meet
 * a document twice that is written over meanwhile.
 */
export class Stored {
  readonly #client: MongoClient;
  readonly #db: Db;

  constructor(url: string, database: string) {
    this.#client = new MongoClient(url, { serverSelectionTimeoutMS: 20_000, maxPoolSize: 4 });
    this.#db = this.#client.db(database);
  }

  /** Every message, by thread and seq. */
  async messages(): Promise<StoredMessage[]> {
    const found = this.#db.collection('messages').find({}).sort({ _id: 1 });
    const all: StoredMessage[] = [];
    for await (const d of found) {
      all.push({
        id: hex(d._id),
        thread: hex(d.thread_id),
        community: hex(d.community_id),
        seq: d.seq,
        rev: d.rev,
        epoch: d.epoch,
        author: hex(d.author),
        nonce: d.nonce ?? null,
        content: d.content,
        deleted: d.deleted_at != null,
        reactions: (d.reactions as { emoji: string; members: ObjectId[] }[]).map((r) => ({ emoji: r.emoji, members: r.members.map(hex) })),
      });
    }
    return all.sort((a, b) => (a.thread < b.thread ? -1 : a.thread > b.thread ? 1 : a.seq - b.seq));
  }

  /**
   * What decides who views what in a community, for all these people. Its roles must have been changed once: before,
   * they are not stored.
   */
  async authority(community: string, people: readonly string[]): Promise<Authority> {
    const of = { community_id: new ObjectId(community) };
    const stored = await this.#db.collection('communities').findOne({ _id: of.community_id });
    if (!stored?.roles) throw new Error(`community ${community} has no roles of its own`);
    const memberships = await this.#db.collection('memberships').find(of).toArray();
    const threads = await this.#db.collection('threads').find(of).sort({ _id: 1 }).toArray();
    return {
      community,
      isPublic: stored.is_public === true,
      owner: hex(stored.owner_id),
      members: people.map((id) => {
        const membership = memberships.find(({ member_id }) => hex(member_id) === id);
        return { id, isMember: membership?.state === 'active', roles: ((membership?.roles ?? []) as ObjectId[]).map(hex) };
      }),
      roles: (stored.roles as { id: string; permissions: string[] }[]).map(({ id, permissions }) => ({ id, permissions })),
      threads: threads.map(({ _id, overrides }) => ({ id: hex(_id), overrides: overrides ?? [] })),
    };
  }

  /** The last rev of each thread. */
  async heads(): Promise<Map<string, number>> {
    const grouped = await this.#db
      .collection('messages')
      .aggregate<{ _id: ObjectId; rev: number }>([{ $group: { _id: '$thread_id', rev: { $max: '$rev' } } }])
      .toArray();
    return new Map(grouped.map(({ _id, rev }) => [hex(_id), rev]));
  }

  async indexed(): Promise<NonNullable<Final['indexed']>> {
    const found = await this.#db
      .collection('search')
      .find({ kind: 'message' }, { projection: { thread_id: 1 } })
      .sort({ _id: 1 })
      .toArray();
    return found.map((d) => ({ thread: hex(d.thread_id), message: hex(d._id) }));
  }

  /** How many living messages there are, and how many of them the search index holds. */
  async counts(): Promise<{ living: number; indexed: number }> {
    const [living, indexed] = await Promise.all([
      this.#db.collection('messages').countDocuments({ deleted_at: { $exists: false } }),
      this.#db.collection('search').countDocuments({ kind: 'message' }),
    ]);
    return { living, indexed };
  }

  async notifications(): Promise<Final['notifications']> {
    // Of one that was taken away the name is kept until its member's ledger knows.
    const there = { gone: { $exists: false } };
    const found = await this.#db.collection('notifications').find(there).sort({ _id: 1 }).toArray();
    // Where the thread stands in place of a message, it is about an opening text.
    const ofMessages = found.filter((d) => !d.message_id.equals(d.thread_id));
    return ofMessages.map((d) => ({ member: hex(d.member_id), message: hex(d.message_id), kind: String(d.kind) }));
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}

const hex = (id: ObjectId): string => id.toHexString();
