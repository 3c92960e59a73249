import { LRUCache } from 'lru-cache';
import type { Store } from '../../src/store/contracts.js';
import { formerIdOf, idOf, type Kind, type PlacedLine, threadName } from './identity.js';
import type { ArchiveLine } from './line.js';

type There = (ids: readonly string[]) => Promise<readonly { id: string }[]>;

/**
 * The ids of what an archive speaks of. What an import of an earlier release has made, when ids followed from names as they are, keeps
 * its id: the same archive again stores nothing twice. Bounded: what is forgotten is looked up again.
 */
export class KnownIds {
  readonly #there: Readonly<Record<Kind, There>>;
  /** By kind and name. */
  readonly #ids = new LRUCache<string, string>({ max: 300_000 });
  /** By the id of the folded name, where that is not in use and a former one is. */
  readonly #former = new LRUCache<string, string>({ max: 300_000 });

  constructor(store: Pick<Store, 'members' | 'communities' | 'threads'>) {
    this.#there = {
      member: (ids) => store.members.byIds(ids),
      community: (ids) => store.communities.byIds(ids),
      thread: (ids) => store.threads.byIds(ids),
    };
  }

  /** Lines with the ids of what they speak of. */
  async place(lines: readonly ArchiveLine[]): Promise<PlacedLine[]> {
    const find = (kind: Kind, name: (line: ArchiveLine) => string) => this.#find(kind, [...new Set(lines.map(name))]);
    const [member, community, thread] = await Promise.all([
      find('member', (line) => line.author),
      find('community', (line) => line.community),
      find('thread', (line) => threadName(line.community, line.thread)),
    ]);
    return lines.map((line) => ({
      ...line,
      member_id: member.get(line.author)!,
      community_id: community.get(line.community)!,
      thread_id: thread.get(threadName(line.community, line.thread))!,
    }));
  }

  async #find(kind: Kind, names: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const unknown: string[] = [];
    for (const name of names) {
      const id = this.#ids.get(`${kind} ${name}`);
      if (id === undefined) unknown.push(name);
      else found.set(name, id);
    }
    const asked = [...new Set(unknown.flatMap((name) => [formerIdOf(kind, name), idOf[kind](name)]))];
    const there = new Set((asked.length === 0 ? [] : await this.#there[kind](asked)).map(({ id }) => id));
    for (const name of unknown) {
      const [former, now] = [formerIdOf(kind, name), idOf[kind](name)];
      if (there.has(former) && !there.has(now) && !this.#former.has(now)) this.#former.set(now, former);
    }
    for (const name of unknown) {
      const [former, now] = [formerIdOf(kind, name), idOf[kind](name)];
      const id = there.has(former) ? former : (this.#former.get(now) ?? now);
      this.#ids.set(`${kind} ${name}`, id);
      found.set(name, id);
    }
    return found;
  }
}
