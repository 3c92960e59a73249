import type { Member } from '../../src/protocol/resources.js';
import { meantBy } from '../../src/text/named.js';

/** One whom a text mentions. */
export interface Mentioned {
  /** Their name now; undefined while it is not known. */
  name: string | undefined;
  isOwn: boolean;
}
/** By the lower-case name that the text has. */
export type MentionedByName = ReadonlyMap<string, Mentioned>;

export const nobody: MentionedByName = new Map();

/**
 * Whom a message or an opening text mentions, in one string, which is the same as long as nothing of it changes.
 * Messages from before names were kept beside ids are known by the names that members have now.
 */
export const mentionWords = (
  text: { mentions?: string[] | undefined; mention_names?: string[] | undefined },
  memberOf: (id: string) => Pick<Member, 'username'> | undefined,
  ownId: string,
): string =>
  (text.mentions ?? [])
    .flatMap((id, i) => {
      const name = memberOf(id)?.username;
      const written = text.mention_names?.[i] ?? name?.toLowerCase();
      return written === undefined ? [] : [`${written}/${name ?? ''}/${id === ownId ? 'own' : ''}`];
    })
    .join(' ');

export const mentionedIn = (words: string): MentionedByName => {
  if (words === '') return nobody;
  return new Map(
    words.split(' ').map((word) => {
      const [written, name, own] = word.split('/') as [string, string, string];
      return [written, { name: name || undefined, isOwn: own === 'own' }];
    }),
  );
};

/** How a mention is drawn: what stands for it, and the text behind it. Null: nobody is meant, it is text. */
export const drawnMention = (
  text: string,
  names: readonly string[],
  mentioned: MentionedByName,
): { shown: string; rest: string; isOwn: boolean } | null => {
  const written = meantBy(names, (name) => mentioned.has(name.toLowerCase()));
  if (written === undefined) return null;
  const { name, isOwn } = mentioned.get(written.toLowerCase())!;
  const isSame = name === undefined || name.toLowerCase() === written.toLowerCase();
  return { shown: `@${isSame ? written : name}`, rest: text.slice(written.length + 1), isOwn };
};
