import type { RouteAnswer, RouteInput, RouteName } from '../../protocol/routes.js';
import type { Operations } from '../operations/operations.js';
import type { Visit } from './visit.js';

type Answer<N extends RouteName> = RouteAnswer<N> extends undefined ? Promise<void> : Promise<RouteAnswer<N>>;
/** What each route does. Input is parsed, the caller known, the limit spent. */
export type Handlers = { [N in RouteName]: (visit: Visit, input: RouteInput<N>) => Answer<N> };

export const createHandlers = (o: Operations): Handlers => ({
  register: (visit, { body }) => o.accounts.register(visit.origin, body, () => visit.maybeCaller),
  getSignUp: async () => o.accounts.signUp,
  login: (visit, { body }) => o.accounts.login(visit.origin, body),
  reopenAccount: (visit, { body }) => o.accounts.reopen(visit.origin, body),
  refresh: (visit, { body }) => o.accounts.refresh(visit.origin, body, visit.arrivedAt),
  logout: (visit) => o.accounts.logout(visit.caller),
  listSessions: (visit, { query }) => o.sessions.list(visit.caller, query),
  endOtherSessions: (visit) => o.ownAccount.endOtherSessions(visit.caller),
  changePassword: (visit, { body }) => o.ownAccount.changePassword(visit.caller, body),
  changeEmail: (visit, { body }) => o.ownAccount.changeEmail(visit.caller, body),
  endSession: (visit, { params }) => o.sessions.end(visit.caller, params.id),

  listCommunities: (visit, { query }) => o.communities.list(visit.caller, query),
  createCommunity: (visit, { body }) => o.communities.create(visit.caller, body),
  getCommunity: (visit, { params }) => o.communities.get(visit.caller, params.id),
  updateCommunity: (visit, { params, body }) => o.communities.update(visit.caller, params.id, body),
  deleteCommunity: (visit, { params }) => o.communities.delete(visit.caller, params.id),
  handOverCommunity: (visit, { params, body }) => o.communities.handOver(visit.caller, params.community_id, body.member_id),
  joinCommunity: (visit, { params }) => o.memberships.join(visit.caller, params.id),
  leaveCommunity: (visit, { params }) => o.memberships.leave(visit.caller, params.id),
  listMembersOfCommunity: (visit, { params, query }) => o.memberships.list(visit.caller, params.id, query),
  changeMembership: (visit, { params, body }) => o.memberships.change(visit.caller, params, body),
  removeMember: (visit, { params }) => o.memberships.remove(visit.caller, params),

  listThreads: (visit, { params, query }) => o.threads.list(visit.caller, params.community_id, query),
  createThread: (visit, { params, body }) => o.threads.create(visit.caller, params.community_id, body),
  searchThreads: (visit, { query }) => o.search.threads(visit.caller, query),
  getThread: (visit, { params }) => o.threads.get(visit.caller, params.id),
  updateThread: (visit, { params, body }) => o.threads.update(visit.caller, params.id, body),
  deleteThread: (visit, { params }) => o.threads.delete(visit.caller, params.id),
  pinThread: (visit, { params, body }) => o.threads.pin(visit.caller, params.id, body),

  history: (visit, { params, query }) => o.history.page(visit.caller, params.thread_id, query),
  sendMessage: async (visit, { params, body }) => {
    const { message, created } = await o.messages.send(visit.caller, { thread_id: params.thread_id, ...body });
    visit.status = created ? 201 : 200;
    return message;
  },
  searchMessages: (visit, { query }) => o.search.messages(visit.caller, query),
  replies: (visit, { params, query }) => o.history.replies(visit.caller, params, query),
  getMessage: (visit, { params }) => o.history.get(visit.caller, params.id),
  editMessage: async (visit, { params, body }) => (await o.messages.edit(visit.caller, { message_id: params.id, ...body })).message,
  deleteMessage: async (visit, { params }) => (await o.messages.delete(visit.caller, { message_id: params.id })).message,

  listMembers: (_visit, { query }) => o.members.list(query),
  createMember: (visit, { body }) => o.accounts.register(visit.origin, body, () => visit.maybeCaller),
  getMemberByUsername: (visit, { params }) => o.members.byUsername(visit.caller, params.username),
  getMember: (visit, { params }) => o.members.get(visit.caller, params.id),
  updateMember: (visit, { params, body }) => o.ownAccount.updateProfile(visit.caller, params.id, body),
  deactivateMember: (visit, { params, body }) => o.ownAccount.close(visit.caller, params.id, body),
  communitiesOfMember: (visit, { params, query }) => o.communities.ofMember(visit.caller, params.id, query),
  activityOfMember: (visit, { params, query }) => o.history.activity(visit.caller, params.id, query),

  listNotifications: (visit, { query }) => o.notifications.list(visit.caller, query),
  readNotifications: (visit, { body }) => o.notifications.markRead(visit.caller, body),

  markRead: (visit, { params, body }) => o.reads.mark(visit.caller, { ...params, ...body }),
  markAllRead: (visit, { body }) => o.reads.markAll(visit.caller, body),
});
