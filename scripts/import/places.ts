import { LRUCache } from 'lru-cache';
import { starterRoleOf } from '../../src/authority/roles.js';
import { firstCommits } from '../../src/store/community-items.js';
import type { CommunityRecord, MembershipRecord, Store, ThreadRecord } from '../../src/store/contracts.js';
import type { PlacedLine } from './identity.js';
import { forMany } from './many.js';

/** Who can tend what is imported: people of an archive cannot sign in. Members that are there, by id. */
export interface Stewards {
  /** Owns communities; null: who wrote first in each does. */
  owner: string | null;
  /** Are moderators. */
  moderators: readonly string[];
}

const newCommunity = (line: PlacedLine, owner: string | null): CommunityRecord => ({
  id: line.community_id,
  kind: 'community',
  name: line.community,
  description: null,
  created_by: line.member_id,
  owner_id: owner ?? line.member_id,
  ledger_rev: 1,
  handed_over_by: null,
  created_at: line.at,
  updated_at: line.at,
  member_count: 0,
  is_public: true,
  tags: [],
  avatar_url: null,
  deleted_at: null,
});

const newThread = (line: PlacedLine): ThreadRecord => ({
  id: line.thread_id,
  community_id: line.community_id,
  title: line.thread,
  content: null,
  created_by: line.member_id,
  created_at: line.at,
  updated_at: line.at,
  last_activity: line.at,
  is_pinned: false,
  tags: [],
  deleted_at: null,
  message_count: 0,
  last_seq: 0,
  head_rev: 0,
  floor_seq: 0,
  floor_rev: 0,
});

const newMembership = (community_id: string, member_id: string, isModerator: boolean, joined_at: number): MembershipRecord => ({
  community_id,
  member_id,
  roles: isModerator ? [starterRoleOf(community_id)] : [],
  state: 'active',
  joined_at,
  muted_until: null,
  version: 1,
});

/** Lines by a key, the first of each. */
const firsts = (lines: readonly PlacedLine[], keyOf: (line: PlacedLine) => string): Map<string, PlacedLine> => {
  const found = new Map<string, PlacedLine>();
  for (const line of lines) if (!found.has(keyOf(line))) found.set(keyOf(line), line);
  return found;
};

interface Place {
  deleted: boolean;
}

/**
 * Communities (public), threads and memberships that lines speak of, made when first seen. What was deleted in Parley
 * stays deleted. Stewards belong to each community that is there. Bounded: what is forgotten is looked up again.
 */
export class Places {
  readonly #communities = new LRUCache<string, Place>({ max: 50_000 });
  readonly #threads = new LRUCache<string, Place>({ max: 200_000 });
  readonly #memberships = new LRUCache<string, true>({ max: 500_000 });
  /** Communities in which this run wrote memberships. */
  readonly touched = new Set<string>();
  /** Communities that were there before and that somebody else owns. */
  readonly ownedByOthers = new Set<string>();
  made = { communities: 0, threads: 0 };

  constructor(
    private readonly store: Pick<Store, 'communities' | 'ledgers' | 'threads' | 'memberships'>,
    private readonly stewards: Stewards,
    /** When stewards join, ms. */
    private readonly now: () => number,
  ) {}

  /** After it, `isDeleted` is known for these lines. The authors must be there. Harmless when repeated. */
  async ensure(lines: readonly PlacedLine[]): Promise<void> {
    await this.#ensureCommunities(firsts(lines, (l) => l.community_id));
    await Promise.all([
      this.#ensureThreads(firsts(lines, (l) => l.thread_id)),
      this.#ensureMemberships(firsts(lines, (l) => `${l.community_id}/${l.member_id}`)),
    ]);
  }

  isDeleted(line: PlacedLine): boolean {
    return Boolean(this.#communities.get(line.community_id)?.deleted || this.#threads.get(line.thread_id)?.deleted);
  }

  async #ensureCommunities(firstLines: ReadonlyMap<string, PlacedLine>): Promise<void> {
    const unknown = [...firstLines].filter(([id]) => !this.#communities.has(id));
    if (unknown.length === 0) return;
    const there = new Map((await this.store.communities.byIds(unknown.map(([id]) => id))).map((c) => [c.id, c]));
    await forMany(unknown, 16, async ([id, line]) => {
      let record = there.get(id);
      if (!record) {
        record = newCommunity(line, this.stewards.owner);
        await this.store.communities.insert(record);
        // One that does not land is made up for by the community's actor.
        await this.store.ledgers.append(firstCommits(record));
        this.made.communities++;
      }
      this.#communities.set(id, { deleted: record.deleted_at !== null });
      if (record.deleted_at !== null) return;
      if (this.stewards.owner !== null && record.owner_id !== this.stewards.owner) this.ownedByOthers.add(id);
      await this.#enrolStewards(id);
    });
  }

  async #enrolStewards(communityId: string): Promise<void> {
    const { owner, moderators } = this.stewards;
    const ids = new Set(owner === null ? moderators : [owner, ...moderators]);
    if (ids.size === 0) return;
    await this.store.memberships.putMissing([...ids].map((id) => newMembership(communityId, id, true, this.now())));
    this.touched.add(communityId);
  }

  async #ensureThreads(firstLines: ReadonlyMap<string, PlacedLine>): Promise<void> {
    const unknown = [...firstLines].filter(([id, line]) => !this.#threads.has(id) && !this.#communities.get(line.community_id)?.deleted);
    if (unknown.length === 0) return;
    const there = new Map((await this.store.threads.byIds(unknown.map(([id]) => id))).map((t) => [t.id, t]));
    const missing = unknown.filter(([id]) => !there.has(id)).map(([, line]) => newThread(line));
    await this.store.threads.putMissing(missing);
    this.made.threads += missing.length;
    for (const [id] of unknown) this.#threads.set(id, { deleted: (there.get(id)?.deleted_at ?? null) !== null });
  }

  async #ensureMemberships(firstLines: ReadonlyMap<string, PlacedLine>): Promise<void> {
    const records: MembershipRecord[] = [];
    for (const [key, line] of firstLines) {
      const { community_id, member_id } = line;
      const community = this.#communities.get(community_id);
      if (this.#memberships.has(key) || !community || community.deleted) continue;
      records.push(newMembership(community_id, member_id, false, line.at));
    }
    if (records.length === 0) return;
    await this.store.memberships.putMissing(records);
    for (const { community_id, member_id } of records) {
      this.#memberships.set(`${community_id}/${member_id}`, true);
      this.touched.add(community_id);
    }
  }
}
