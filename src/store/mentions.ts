import { Fault } from '../kernel/errors.js';
import { bounds } from '../protocol/primitives.js';
import { parseText } from '../text/markdown.js';
import { meantBy, mentionsIn } from '../text/named.js';
import type { MemberRepository, Named } from './contracts.js';

const nobody: Named = { mentions: [] };
/** Otherwise a text mentions nobody for certain, and is not parsed. */
export const mayMention = (text: string): boolean => /@[A-Za-z0-9]/.test(text);

/** For each mention of a text the lower-case names that may be meant, the longest first. */
export const namesOf = (text: string): string[][] =>
  mayMention(text) ? mentionsIn(parseText(text)).map((names) => names.map((name) => name.toLowerCase())) : [];

/** Of mentions those that mean somebody: each name once, in the order of the text. */
export const namedBy = (mentions: readonly string[][], ids: ReadonlyMap<string, string>): Named => {
  const named = new Map<string, string>();
  for (const names of mentions) {
    const name = meantBy(names, (one) => ids.has(one));
    if (name !== undefined) named.set(name, ids.get(name)!);
  }
  return named.size === 0 ? nobody : { mentions: [...named.values()], mention_names: [...named.keys()] };
};

/**
 * Whom a text mentions: the same parser says it that draws the text. Names are those that members have now: they are
 * looked up each time, since another node may have changed one a moment ago.
 */
export class Mentions {
  readonly #members: Pick<MemberRepository, 'idsByUsernames'>;

  constructor(members: Pick<MemberRepository, 'idsByUsernames'>) {
    this.#members = members;
  }

  /**
   * At once (no promise) when nothing has to be looked up. Rejects when more are named than may be. A name that stood in
   * the text `before` still means whom it meant there: who mends a word rings nobody else by it.
   */
  resolve(text: string, before?: Partial<Named> | null): Named | Promise<Named> {
    const mentions = namesOf(text);
    return mentions.length === 0 ? nobody : this.#lookUp(mentions, before);
  }

  async #lookUp(mentions: readonly string[][], before: Partial<Named> | null | undefined): Promise<Named> {
    const now = await this.#members.idsByUsernames([...new Set(mentions.flat())]);
    const meantBefore = (before?.mention_names ?? []).map((name, i) => [name, before!.mentions![i]!] as const);
    const named = namedBy(mentions, new Map([...now, ...meantBefore]));
    // A member may be named by the name of before and by that of now.
    const count = new Set(named.mentions).size;
    if (count <= bounds.mentions) return named;
    const errors = [{ path: 'content', message: `names ${count} people; at most ${bounds.mentions} may be named` }];
    throw new Fault('validation_failed', 'The text names more people than it may', { errors });
  }
}
