import { bitsOf } from './bits.js';
import type { Permission } from './permissions.js';
import type { Override, Subject } from './snapshot.js';

/** An override as it is kept and sent: by the names of the permissions, since a number says nothing without the table. */
export interface OverrideRecord {
  subject: Subject;
  allow: Permission[];
  deny: Permission[];
}

/** So many overrides one thread has at most. */
export const mostOverrides = 500;

/** Names that this release does not know count for nothing. */
export const toOverride = ({ subject, allow, deny }: OverrideRecord): Override => ({ subject, allow: bitsOf(allow), deny: bitsOf(deny) });
