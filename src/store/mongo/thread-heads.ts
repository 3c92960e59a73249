import type { Collection, Condition, Filter, Sort } from 'mongodb';
import type { Audience } from '../../authority/closure.js';
import type { ThreadHead, ThreadRepository } from '../contracts.js';
import { newestAmong } from '../newest-among.js';
import type { ReadBound } from './bound.js';
import { reading } from './faults.js';
import { date, oid } from './fields.js';
import { seenAmong, seenIn } from './thread-audience.js';
import type { ThreadDocument } from './thread-document.js';

/** If no more threads than these match in fifty communities, they are read in one command and sorted here. */
const few = 1_000;

type Slice = Parameters<ThreadRepository['heads']>[1];
type Found = ThreadHead & { created_at: number };
/** What is read of one community in the order of an index, which has pinned threads apart. */
interface Half {
  community: string;
  is_pinned: boolean;
}

/** Where the threads of many communities stand, latest activity first. */
export class MongoThreadHeads {
  readonly #threads: Collection<ThreadDocument>;
  readonly #bound: ReadBound;

  constructor(threads: Collection<ThreadDocument>, bound: ReadBound) {
    this.#threads = threads;
    this.#bound = bound;
  }

  async read(audiences: ReadonlyMap<string, Audience>, { since, after, limit }: Slice): Promise<ThreadHead[]> {
    const halves = new Map<string, Half>();
    for (const community of audiences.keys()) {
      for (const is_pinned of [true, false]) halves.set(`${community} ${is_pinned}`, { community, is_pinned });
    }
    const found = newestAmong<Found>([...halves.keys()], {
      some: (names, most) => this.#some(new Set(names.map((name) => halves.get(name)!.community)), audiences, since, after, most),
      of: (name, last, most) => this.#of(halves.get(name)!, audiences, since, last ?? after, most),
      ...{ wanted: limit, few, fewPlaces: 0, lesserIdFirst: true },
    });
    const heads: ThreadHead[] = [];
    for await (const { id, community_id, last_seq, last_activity } of found) {
      heads.push({ id, community_id, last_seq, last_activity });
      if (heads.length >= limit) break;
    }
    return heads;
  }

  /** In any order. */
  #some(
    communities: ReadonlySet<string>,
    audiences: ReadonlyMap<string, Audience>,
    since: number | undefined,
    after: Slice['after'],
    limit: number,
  ): Promise<Found[]> {
    const those = new Map([...audiences].filter(([id]) => communities.has(id)));
    return this.#find({ ...seenAmong(those, activity(since, after)), ...behind(after) }, limit);
  }

  #of(
    { community, is_pinned }: Half,
    audiences: ReadonlyMap<string, Audience>,
    since: number | undefined,
    last: Slice['after'],
    limit: number,
  ): Promise<Found[]> {
    const last_activity = activity(since, last);
    const place = { community_id: oid(community), is_pinned, ...(last_activity && { last_activity }) };
    const filter = { ...place, ...seenIn(community, audiences.get(community)!), ...behind(last) };
    return this.#find(filter, limit, { last_activity: -1, _id: 1 });
  }

  #find(filter: Filter<ThreadDocument>, limit: number, sort?: Sort): Promise<Found[]> {
    const living: Filter<ThreadDocument> = { ...filter, deleted_at: { $exists: false } };
    return reading(async () => {
      const found = await this.#threads
        .find(living, { ...(sort && { sort }), limit, batchSize: limit + 1, ...this.#bound })
        .project<Pick<ThreadDocument, '_id' | 'community_id' | 'last_seq' | 'last_activity'>>({
          ...{ community_id: 1, last_seq: 1, last_activity: 1 },
        })
        .toArray();
      return found.map(({ _id, community_id, last_seq, last_activity }) => ({
        id: _id.toHexString(),
        community_id: community_id.toHexString(),
        last_seq,
        last_activity: last_activity.getTime(),
        created_at: last_activity.getTime(),
      }));
    });
  }
}

const activity = (since: number | undefined, after: Slice['after']): Condition<Date> | undefined =>
  since === undefined && !after
    ? undefined
    : { ...(since !== undefined && { $gte: date(since) }), ...(after && { $lte: date(after.last_activity) }) };

/** Behind a place in the order. */
const behind = (place: Slice['after']): Filter<ThreadDocument> =>
  place ? { $and: [{ $or: [{ last_activity: { $lt: date(place.last_activity) } }, { _id: { $gt: oid(place.id) } }] }] } : {};
