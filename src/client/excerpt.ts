import type { Message } from '../protocol/resources.js';
import { findBySeq, putAll } from './message-list.js';

/** A stretch of a thread's history without a hole, away from its newest messages. */
export interface Excerpt {
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
}

/** Which part was asked for: what stands around a seq, or what goes on at one of the excerpt's ends. */
export type ExcerptPart = 'around' | 'older' | 'newer';

/** Beyond so many messages an excerpt lets go of those at the end from which one reads away. */
export const maxExcerpt = 400;

const isHeld = (excerpt: Excerpt, seq: number): boolean => findBySeq(excerpt.messages, seq) !== undefined;

/** With some messages in their present state, as far as they are in it. */
export const withPresent = (excerpt: Excerpt | null, present: readonly Message[]): Excerpt | null => {
  if (!excerpt) return null;
  const messages = putAll(
    excerpt.messages,
    present.filter(({ seq }) => isHeld(excerpt, seq)),
  );
  return messages === excerpt.messages ? excerpt : { ...excerpt, messages };
};

/** With one more page. `more`: there are older ones before it. Null when there is nothing. */
export const withPart = (excerpt: Excerpt | null, part: ExcerptPart, page: readonly Message[], more: boolean): Excerpt | null => {
  const held = part === 'around' ? [] : (excerpt?.messages ?? []);
  const all = putAll(held, page);
  if (all.length === 0) return null;
  const hasOlder = part === 'newer' ? (excerpt?.hasOlder ?? more) : more;
  if (all.length <= maxExcerpt) return { messages: all, hasOlder };
  return part === 'older' ? { messages: all.slice(0, maxExcerpt), hasOlder } : { messages: all.slice(-maxExcerpt), hasOlder: true };
};
