import { LRUCache } from 'lru-cache';
import { Fault } from '../../src/kernel/errors.js';
import type { MemberRecord, MemberRepository } from '../../src/store/contracts.js';
import { memberIdOf } from './identity.js';
import { forMany } from './many.js';
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
    presence: { state: 'offline', text: null, last_active_at: null, fresh_until: 0 },
  };
};

/** Authors as members: one a name, made when first seen, without a password, so that nobody can sign in as one. */
export class People {
  readonly #known = new LRUCache<string, true>({ max: 200_000 });
  /** Made by this run. */
  made = 0;

  constructor(private readonly members: Pick<MemberRepository, 'byIds' | 'insert'>) {}

  /** Makes those that are missing. `authors`: name and first time seen. Harmless when repeated. */
  async ensure(authors: ReadonlyMap<string, number>): Promise<void> {
    const unknown = [...authors].filter(([name]) => !this.#known.has(name));
    if (unknown.length === 0) return;
    const there = new Set((await this.members.byIds(unknown.map(([name]) => memberIdOf(name)))).map((m) => m.id));
    await forMany(unknown, 32, async ([name, at]) => {
      if (!there.has(memberIdOf(name))) await this.#make(name, at);
      this.#known.set(name, true);
    });
  }

  /** A username that somebody else has gives way to one of its own. */
  async #make(name: string, at: number): Promise<void> {
    const hashed = hashedUsername(name);
    const plain = plainUsername(name);
    try {
      await this.members.insert(toMember(name, plain ?? hashed, at));
    } catch (error) {
      if (plain === null || !(error instanceof Fault) || error.code !== 'conflict') throw error;
      await this.members.insert(toMember(name, hashed, at));
    }
    this.made++;
  }
}
