import { LRUCache } from 'lru-cache';
import type { MemberRecord, MemberRepository } from '../../src/store/contracts.js';
import { memberIdOf } from './identity.js';
import { hashedUsername, plainUsername } from './names.js';

const toMember = (author: string, username: string, at: number): MemberRecord => {
  const id = memberIdOf(author);
  return {
    id,
    username,
    email: `${id}@imported.invalid`,
    password_hash: null,
    full_name: author,
    avatar_url: null,
    bio: null,
    joined_at: at,
    is_active: true,
    reopen_until: null,
    signed_out: null,
    presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
  };
};

/** Authors as members: one a folded name, made when first seen, without a password, so that nobody can sign in as one. */
export class People {
  readonly #known = new LRUCache<string, true>({ max: 200_000 });
  /** Made by this run. */
  made = 0;

  constructor(private readonly members: Pick<MemberRepository, 'byIds' | 'putMissing'>) {}

  /** Makes those that are missing, under the first of their names. `authors`: name and first time seen. Harmless when repeated. */
  async ensure(authors: ReadonlyMap<string, number>): Promise<void> {
    const firsts = new Map<string, [name: string, at: number]>();
    for (const [name, at] of authors) if (!firsts.has(memberIdOf(name))) firsts.set(memberIdOf(name), [name, at]);
    const unknown = [...firsts.values()].filter(([name]) => !this.#known.has(memberIdOf(name)));
    if (unknown.length === 0) return;
    const there = new Set((await this.members.byIds(unknown.map(([name]) => memberIdOf(name)))).map((m) => m.id));
    const missing = unknown.filter(([name]) => !there.has(memberIdOf(name)));
    const wanted = missing.map(([name, at]) => toMember(name, plainUsername(name) ?? hashedUsername(name), at));
    const added = new Set(await this.members.putMissing(wanted));
    // A username that somebody else has gives way to one of its own.
    const refused = missing.filter(([name]) => !added.has(memberIdOf(name)));
    await this.members.putMissing(refused.map(([name, at]) => toMember(name, hashedUsername(name), at)));
    this.made += missing.length;
    for (const [name] of unknown) this.#known.set(memberIdOf(name), true);
  }
}
