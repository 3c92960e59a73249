import type { Passwords } from '../auth/passwords.js';
import type { Sessions } from '../auth/sessions.js';
import { AccountOperations } from './accounts.js';
import { CommunityOperations } from './communities.js';
import type { OperationDeps } from './deps.js';
import { HistoryOperations } from './history.js';
import { MemberOperations } from './members.js';
import { MembershipOperations } from './memberships.js';
import type { MessageOperations } from './messages.js';
import { NotificationOperations } from './notifications.js';
import { SearchOperations } from './search.js';
import { ThreadOperations } from './threads.js';

/** Everything that can be asked for, whichever door it comes through. */
export interface Operations {
  accounts: AccountOperations;
  communities: CommunityOperations;
  memberships: MembershipOperations;
  threads: ThreadOperations;
  history: HistoryOperations;
  messages: MessageOperations;
  search: SearchOperations;
  members: MemberOperations;
  notifications: NotificationOperations;
}

export const createOperations = (
  deps: OperationDeps & { passwords: Passwords; sessions: Sessions; messages: MessageOperations },
): Operations => ({
  accounts: new AccountOperations(deps, deps.passwords, deps.sessions),
  communities: new CommunityOperations(deps),
  memberships: new MembershipOperations(deps),
  threads: new ThreadOperations(deps),
  history: new HistoryOperations(deps),
  messages: deps.messages,
  search: new SearchOperations(deps),
  members: new MemberOperations(deps, deps.sessions),
  notifications: new NotificationOperations(deps),
});
