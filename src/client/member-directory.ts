import { Fault } from '../kernel/errors.js';
import type { Member } from '../protocol/resources.js';
import { Listeners } from './listeners.js';
import type { Operations } from './operations.js';

/** So many are fetched at a time; the rest wait their turn. */
const atOnce = 4;
/** Beyond so many known members the longest unused are forgotten. */
const maxKnown = 5_000;

/**
 * Members by id, for names and pictures beside messages. Whoever is asked for and not known is fetched once; listeners
 * hear when somebody has become known or changed.
 */
export class MemberDirectory {
  readonly #operations: Pick<Operations, 'getMember'>;
  readonly #known = new Map<string, Member>();
  readonly #missing = new Set<string>();
  readonly #asked = new Set<string>();
  readonly #changed = new Listeners();
  #running = 0;

  constructor(operations: Pick<Operations, 'getMember'>) {
    this.#operations = operations;
  }

  /** A member that is known; otherwise undefined, and fetched in the background. */
  get(id: string): Member | undefined {
    const known = this.#known.get(id);
    if (!known && !this.#asked.has(id)) {
      this.#asked.add(id);
      this.#missing.add(id);
      this.#pump();
    }
    return known;
  }

  /** Takes over members that came with something else. */
  learn(members: Iterable<Member>): void {
    for (const member of members) {
      this.#known.delete(member.id);
      this.#known.set(member.id, member);
      this.#asked.delete(member.id);
      this.#missing.delete(member.id);
    }
    for (const id of this.#known.keys()) {
      if (this.#known.size <= maxKnown) break;
      this.#known.delete(id);
    }
    this.#changed.tell();
  }

  /** Who signs in next may not know the same people. */
  forget(): void {
    this.#known.clear();
    this.#asked.clear();
    this.#missing.clear();
  }

  subscribe(listener: () => void): () => void {
    return this.#changed.add(listener);
  }

  #pump(): void {
    while (this.#running < atOnce && this.#missing.size > 0) {
      const [id] = this.#missing as Set<string> & Iterable<string>;
      if (id === undefined) return;
      this.#missing.delete(id);
      this.#running++;
      this.#operations
        .getMember({ member_id: id })
        .then(
          (member) => this.learn([member]),
          (thrown: unknown) => {
            // Somebody who is not there is not asked for again; what failed for another reason is, when next needed.
            if (Fault.from(thrown).retryable) this.#asked.delete(id);
          },
        )
        .finally(() => {
          this.#running--;
          this.#pump();
        });
    }
  }
}
