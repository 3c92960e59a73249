import { hasUntold, userAddress } from '../../actors/domain/user/messages.js';
import { bind, bindOpen } from '../../catalogue/bound.js';
import { pageOfAll } from '../../catalogue/cursor.js';
import { toSession } from '../../store/resources.js';
import { Accounts } from './accounts.js';
import {
  changeEmail,
  changePassword,
  deactivateMember,
  endOtherSessions,
  endSession,
  getSignUp,
  listSessions,
  login,
  logout,
  refresh,
  register,
  reopenAccount,
  updateMember,
} from './contract.js';
import { OwnAccount } from './own-account.js';

export const operations = [
  bindOpen(register, (input, { ports, origin, told }) => ports.one(Accounts).register(origin, input, told)),
  bindOpen(getSignUp, async (_input, { ports }) => ports.one(Accounts).signUp),
  bindOpen(login, (input, { ports, origin }) => ports.one(Accounts).login(origin, input)),
  bindOpen(reopenAccount, (input, { ports, origin }) => ports.one(Accounts).reopen(origin, input)),
  bindOpen(refresh, (input, { ports, origin, arrivedAt }) => ports.one(Accounts).refresh(origin, input, arrivedAt)),
  bind(logout, (caller, _input, { ports }) => ports.one(Accounts).logout(caller)),
  bind(listSessions, async (caller, input, { ports }) =>
    pageOfAll(await ports.auth.sessions.list(caller.member_id), input, (session) => toSession(session, caller.session_id)),
  ),
  bind(endSession, async (caller, { session_id }, { ports }) => {
    await ports.auth.sessions.endOwn(caller.member_id, session_id);
    ports.actors.tell(userAddress(caller.member_id), hasUntold('session'));
  }),
  bind(endOtherSessions, (caller, _input, { ports }) => ports.one(OwnAccount).endOtherSessions(caller)),
  bind(changePassword, (caller, input, { ports }) => ports.one(OwnAccount).changePassword(caller, input)),
  bind(changeEmail, (caller, input, { ports }) => ports.one(OwnAccount).changeEmail(caller, input)),
  bind(updateMember, (caller, input, { ports }) => ports.one(OwnAccount).updateProfile(caller, input)),
  bind(deactivateMember, (caller, input, { ports }) => ports.one(OwnAccount).close(caller, input)),
] as const;
