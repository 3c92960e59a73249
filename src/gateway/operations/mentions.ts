import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.js';
import { entriesAtMost } from '../../kernel/lazy-bound.js';
import { bounds } from '../../protocol/primitives.js';
import type { MemberRepository } from '../../store/contracts.js';

const AT = 0x40;
const maxName = 32;

const isLetterOrDigit = (c: number): boolean => (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a);
const isNamePart = (c: number): boolean => isLetterOrDigit(c) || c === 0x5f || c === 0x2e || c === 0x2d;

/** `ada.` at the end of a sentence may be `ada.` or `ada`; the first that exists is meant. */
const spellings = (name: string): string[] => {
  let end = name.length;
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === '-')) end--;
  return end === name.length || end < 2 ? [name] : [name, name.slice(0, end)];
};

/**
 * The names that a text mentions (`@ada`, not `me@ada.org`), lower-case, each once and at most `bounds.mentions` of them. One
 * pass over the text, so that no text takes longer than its length.
 */
export const mentionedNames = (text: string): string[] => {
  const names = new Set<string>();
  for (let i = text.indexOf('@'); i >= 0 && names.size < bounds.mentions; i = text.indexOf('@', i)) {
    const before = i === 0 ? 0 : text.charCodeAt(i - 1);
    let end = ++i;
    while (end < text.length && isNamePart(text.charCodeAt(end))) end++;
    const length = end - i;
    const free = !isNamePart(before) && before !== AT;
    if (free && length >= 2 && length <= maxName + 1 && isLetterOrDigit(text.charCodeAt(i))) names.add(text.slice(i, end).toLowerCase());
    i = end;
  }
  return [...names];
};

/** Finds the members that a text mentions. What was looked up lately is remembered: hits for a minute, misses for five seconds. */
export class Mentions {
  readonly #members: Pick<MemberRepository, 'idsByUsernames'>;
  readonly #known: LRUCache<string, { id: string | null }>;

  constructor(members: Pick<MemberRepository, 'idsByUsernames'>, clock: Clock, options: { size?: number } = {}) {
    this.#members = members;
    this.#known = new LRUCache({ ...entriesAtMost(options.size ?? 20_000), ttlResolution: 0, perf: { now: () => clock.monotonic() } });
  }

  /** Member ids, at most `bounds.mentions`; at once (no promise) when nothing has to be looked up. */
  resolve(text: string): string[] | Promise<string[]> {
    const names = mentionedNames(text);
    if (names.length === 0) return [];
    const missing = [...new Set(names.flatMap(spellings))].filter((name) => !this.#known.has(name));
    return missing.length === 0 ? this.#pick(names, new Map()) : this.#lookUp(names, missing);
  }

  async #lookUp(names: string[], missing: string[]): Promise<string[]> {
    const found = await this.#members.idsByUsernames(missing);
    for (const name of missing) {
      const id = found.get(name) ?? null;
      this.#known.set(name, { id }, { ttl: id === null ? 5_000 : 60_000 });
    }
    return this.#pick(names, found);
  }

  #pick(names: string[], found: ReadonlyMap<string, string>): string[] {
    const ids = new Set<string>();
    for (const name of names) {
      for (const spelling of spellings(name)) {
        const id = found.get(spelling) ?? this.#known.get(spelling)?.id;
        if (!id) continue;
        ids.add(id);
        break;
      }
    }
    return [...ids];
  }
}
