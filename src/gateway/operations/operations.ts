import type { DeviceTokens } from '../auth/device-tokens.js';
import { PasswordCheck } from '../auth/password-check.js';
import type { Passwords } from '../auth/passwords.js';
import type { Sessions } from '../auth/sessions.js';
import type { Guesses, Limiter } from '../ports.js';
import type { AccountRules } from './account-rules.js';
import { AccountOperations } from './accounts.js';
import { CommunityOperations } from './communities.js';
import type { OperationDeps } from './deps.js';
import { HistoryOperations } from './history.js';
import { MemberOperations } from './members.js';
import { MembershipOperations } from './memberships.js';
import type { MessageOperations } from './messages.js';
import { NotificationOperations } from './notifications.js';
import { OwnAccountOperations } from './own-account.js';
import { ReadOperations } from './reads.js';
import { SearchOperations } from './search.js';
import { SessionOperations } from './sessions.js';
import { ThreadOperations } from './threads.js';

/** Everything that can be asked for, whichever door it comes through. */
export interface Operations {
  accounts: AccountOperations;
  sessions: SessionOperations;
  ownAccount: OwnAccountOperations;
  communities: CommunityOperations;
  memberships: MembershipOperations;
  threads: ThreadOperations;
  history: HistoryOperations;
  messages: MessageOperations;
  search: SearchOperations;
  members: MemberOperations;
  notifications: NotificationOperations;
  reads: ReadOperations;
}

export interface OperationParts extends OperationDeps {
  passwords: Passwords;
  guesses: Guesses;
  limiter: Limiter;
  devices: DeviceTokens;
  sessions: Sessions;
  messages: MessageOperations;
  accountRules: AccountRules;
}

export const createOperations = (deps: OperationParts): Operations => {
  const check = new PasswordCheck(deps);
  return {
    accounts: new AccountOperations(deps, { ...deps, check, rules: deps.accountRules }),
    sessions: new SessionOperations(deps.sessions),
    ownAccount: new OwnAccountOperations(deps, { ...deps, check, rules: deps.accountRules }),
    communities: new CommunityOperations(deps),
    memberships: new MembershipOperations(deps),
    threads: new ThreadOperations(deps),
    history: new HistoryOperations(deps),
    messages: deps.messages,
    search: new SearchOperations(deps),
    members: new MemberOperations(deps),
    notifications: new NotificationOperations(deps),
    reads: new ReadOperations(deps),
  };
};
