import { LRUCache } from 'lru-cache';
import type { MemberRecord, MemberRepository } from '../../src/store/contracts.js';
import type { PlacedLine } from './identity.js';
import { hashedUsername, plainUsername } from './names.js';

const toMember = ({ member_id, author, at }: PlacedLine, username: string): MemberRecord => ({
  id: member_id,
  username,
  email: `${member_id}@imported.invalid`,
  password_hash: null,
  full_name: author,
  avatar_url: null,
  bio: null,
  joined_at: at,
  is_active: true,
  reopen_until: null,
  signed_out: null,
  presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
});

/** Authors as members: one a folded name, made when first seen, without a password, so that nobody can sign in as one. */
export class People {
  readonly #known = new LRUCache<string, true>({ max: 200_000 });
  /** Made by this run. */
  made = 0;

  constructor(private readonly members: Pick<MemberRepository, 'byIds' | 'putMissing'>) {}

  /** Makes those that are missing, under the first of their names. Harmless when repeated. */
  async ensure(lines: readonly PlacedLine[]): Promise<void> {
    const unknown = new Map<string, PlacedLine>();
    for (const line of lines) if (!this.#known.has(line.member_id) && !unknown.has(line.member_id)) unknown.set(line.member_id, line);
    if (unknown.size === 0) return;
    const there = new Set((await this.members.byIds([...unknown.keys()])).map((m) => m.id));
    const missing = [...unknown.values()].filter(({ member_id }) => !there.has(member_id));
    const wanted = missing.map((line) => toMember(line, plainUsername(line.author) ?? hashedUsername(line.author)));
    const added = new Set(await this.members.putMissing(wanted));
    // A username that somebody else has gives way to one of its own.
    const refused = missing.filter(({ member_id }) => !added.has(member_id));
    await this.members.putMissing(refused.map((line) => toMember(line, hashedUsername(line.author))));
    this.made += missing.length;
    for (const id of unknown.keys()) this.#known.set(id, true);
  }
}
