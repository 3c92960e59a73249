import { indexesOfTheBeginning } from './0001-indexes.js';
import { messagesWithoutPrefixIndexes } from './0002-prefix-indexes.js';
import { ownersOfCommunities } from './0003-owners.js';
import { searchScopes } from './0004-search-scopes.js';
import { heldEmailsAndEndsOfSessions } from './0005-accounts.js';
import { closedAccounts } from './0006-closed-accounts.js';
import { causesOfNotifications } from './0007-causes-of-notifications.js';
import { indexOfDeletedMessages } from './0008-deleted-messages.js';
import { foldedNames } from './0009-folded-names.js';
import { rolesOfMembers } from './0010-roles.js';
import { indexesOfClosedThreads } from './0011-closed-threads.js';
import { indexesOfLedgers } from './0012-ledgers.js';
import { copiedKinds } from './0013-copied-kinds.js';
import { ledgersOfCommunities } from './0014-ledgers-of-communities.js';
import { threadsInLedgers } from './0015-threads-in-ledgers.js';
import { readMarks } from './0016-read-marks.js';
import type { Migration } from './migration.js';

/** All migrations, ascending and without a hole. One that was released is never changed. */
export const migrations: readonly Migration[] = [
  indexesOfTheBeginning,
  messagesWithoutPrefixIndexes,
  ownersOfCommunities,
  searchScopes,
  heldEmailsAndEndsOfSessions,
  closedAccounts,
  causesOfNotifications,
  indexOfDeletedMessages,
  foldedNames,
  rolesOfMembers,
  indexesOfClosedThreads,
  indexesOfLedgers,
  copiedKinds,
  ledgersOfCommunities,
  threadsInLedgers,
  readMarks,
];
