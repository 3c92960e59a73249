import { LRUCache } from 'lru-cache';
import { idFromName } from '../../src/kernel/ids.js';
import { fold } from '../../src/text/folding.js';
import type { ArchiveLine } from './line.js';

/**
 * Ids follow from names, so every import of an archive means the same members, communities and threads. From folded names: archives
 * write one person `José` in two ways, or `Ann` with a space behind.
 */
const sameName = (name: string): string => fold(name) || name.trim();

export type Kind = 'member' | 'community' | 'thread';

/** What a thread is called: its title counts within its community. */
export const threadName = (community: string, title: string): string => `${community}\0${title}`;

/** Of a name as it is, as the first releases made it. */
export const formerIdOf = (kind: Kind, name: string): string => idFromName(kind, name);

/** Folding and hashing are dear and names come back: remembers the ids of the last names. */
const remembered = (kind: Kind): ((name: string) => string) => {
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
export const threadIdOf = (community: string, title: string): string => threadId(threadName(community, title));

export const idOf: Readonly<Record<Kind, (name: string) => string>> = { member: memberIdOf, community: communityIdOf, thread: threadId };

/** A line with the ids of what it speaks of. */
export interface PlacedLine extends ArchiveLine {
  community_id: string;
  thread_id: string;
  member_id: string;
}
