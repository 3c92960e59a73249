import type { Db, IndexDescription } from 'mongodb';

/** By name, since an older one over the same field may be there until it is dropped. */
export const heldEmails: IndexDescription = {
  key: { email_key: 1 },
  name: 'held_emails',
  unique: true,
  partialFilterExpression: { email_key: { $exists: true } },
};

/** Those that a member's ledger may not show as they are. */
const untold: IndexDescription = { key: { member_id: 1, untold: 1 }, partialFilterExpression: { untold: { $exists: true } } };

/** Those that a community's ledger may not show as they are. */
const untoldThreads: IndexDescription = { key: { community_id: 1, untold: 1 }, partialFilterExpression: { untold: { $exists: true } } };

const untoldCommunities: IndexDescription = { key: { untold: 1 }, partialFilterExpression: { untold: { $exists: true } } };

const closedOnly = { hidden_from: { $exists: true } };

/**
 * Every index that Parley has. Adding or removing one also takes a migration, which brings existing databases along.
 */
export const indexes: Readonly<Record<string, readonly IndexDescription[]>> = {
  members: [
    { key: { username_key: 1 }, unique: true },
    heldEmails,
    { key: { name_keys: 1 } },
    { key: { username_keys: 1 } },
    { key: { account_changed_at: 1 }, partialFilterExpression: { account_changed_at: { $exists: true } } },
  ],
  communities: [
    { key: { name: 1 } },
    { key: { name_key: 1, _id: 1 } },
    { key: { created_by: 1 } },
    { key: { is_public: 1 } },
    untoldCommunities,
  ],
  memberships: [
    { key: { community_id: 1, member_id: 1 }, unique: true },
    { key: { member_id: 1, state: 1 } },
    { key: { community_id: 1, state: 1, joined_at: 1, member_id: 1 } },
    { key: { community_id: 1, roles: 1 } },
    untold,
  ],
  threads: [
    { key: { community_id: 1 } },
    untoldThreads,
    { key: { created_by: 1 } },
    { key: { last_activity: 1 } },
    { key: { community_id: 1, last_activity: -1 } },
    { key: { community_id: 1, is_pinned: -1, last_activity: -1, _id: 1 } },
    // Closed ones alone: by whom they are seen, and where they are.
    { key: { seen_by: 1 }, partialFilterExpression: closedOnly },
    { key: { community_id: 1, hidden_from: 1 }, partialFilterExpression: closedOnly },
    { key: { named: 1, community_id: 1 }, partialFilterExpression: { named: { $exists: true } } },
    { key: { scope_since: 1, _id: 1 }, partialFilterExpression: { scope_since: { $exists: true } } },
  ],
  messages: [
    // The commit rests on these three. What they and others begin with has no index of its own: each costs every
    // insert.
    { key: { thread_id: 1, seq: 1 }, unique: true },
    { key: { thread_id: 1, rev: 1 }, unique: true },
    { key: { thread_id: 1, author: 1, nonce: 1 }, unique: true, partialFilterExpression: { nonce: { $exists: true } } },
    { key: { created_at: 1 } },
    { key: { thread_id: 1, created_at: 1 } },
    { key: { author: 1, community_id: 1, created_at: -1, _id: -1 } },
    { key: { thread_id: 1, reply_to: 1, seq: 1 }, partialFilterExpression: { reply_to: { $exists: true } } },
    { key: { changed_at: 1, _id: 1 }, partialFilterExpression: { changed_at: { $exists: true } } },
    // Deleted ones alone: what lives pays nothing for it.
    { key: { thread_id: 1, seq: 1, deleted_at: 1 }, partialFilterExpression: { deleted_at: { $exists: true } } },
  ],
  reads: [{ key: { thread_id: 1, member_id: 1 }, unique: true }, { key: { member_id: 1 } }, untold],
  notifications: [
    { key: { member_id: 1, message_id: 1, kind: 1 }, unique: true },
    { key: { member_id: 1, created_at: -1, _id: -1 } },
    { key: { member_id: 1, unread: 1, created_at: -1, _id: -1 }, partialFilterExpression: { unread: { $exists: true } } },
    // What takes them away, and marks those of a place: by their cause, and by thread or community and member.
    { key: { message_id: 1 } },
    { key: { thread_id: 1, member_id: 1 } },
    { key: { community_id: 1, member_id: 1 } },
    untold,
  ],
  ledger_commits: [
    // The commit rests on these two.
    { key: { ledger: 1, rev: 1 }, unique: true },
    { key: { ledger: 1, op_id: 1 }, unique: true, partialFilterExpression: { op_id: { $exists: true } } },
  ],
  ledger_items: [{ key: { ledger: 1, rev: 1 } }],
  sessions: [{ key: { member_id: 1, last_used_at: -1 } }, untold, { key: { expires_at: 1 }, expireAfterSeconds: 0 }],
  refresh_tokens: [{ key: { expires_at: 1 }, expireAfterSeconds: 0 }],
  search: [
    { key: { scope: 1, kind: 1, terms: 1, created_at: -1, _id: -1 } },
    { key: { scope: 1, kind: 1, created_at: -1, _id: -1 } },
    { key: { thread_id: 1 } },
    { key: { community_id: 1 } },
  ],
};

/** Builds what is missing; what is there already stays. May take minutes on a large database. */
export const buildIndexes = async (db: Db): Promise<void> => {
  for (const [collection, list] of Object.entries(indexes)) await db.collection(collection).createIndexes([...list]);
};
