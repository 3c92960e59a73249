import { LRUCache } from 'lru-cache';
import { idFromName } from '../../src/kernel/ids.js';
import { fold } from '../../src/text/folding.js';
import type { ArchiveLine } from './line.js';

/**
 * Ids follow from names, so every import of an archive means the same members, communities and threads. From folded names: archives
 * write one person `José` in two ways, or `Ann` with a space behind.
 */
export const sameName = (name: string): string => fold(name) || name.trim();

/** Folding and hashing are dear and names come back: remembers the ids of the last names. */
const remembered = (kind: string): ((name: string) => string) => {
  const ids = new LRUCache<string, string>({ max: 50_000 });
  return (name) => {
    let id = ids.get(name);
    if (id === undefined) {
      id = idFromName(kind, name.split('\0').map(sameName).join('\0'));
      ids.set(name, id);
    }
    return id;
  };
};

export const memberIdOf = remembered('member');
export const communityIdOf = remembered('community');
const threadId = remembered('thread');
export const threadIdOf = (community: string, title: string): string => threadId(`${community}\0${title}`);

/** A line with the ids of what it speaks of. */
export interface PlacedLine extends ArchiveLine {
  community_id: string;
  thread_id: string;
  member_id: string;
}

export const place = (line: ArchiveLine): PlacedLine => ({
  ...line,
  community_id: communityIdOf(line.community),
  thread_id: threadIdOf(line.community, line.thread),
  member_id: memberIdOf(line.author),
});
