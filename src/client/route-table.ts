import type { RouteName } from '../protocol/routes.js';

/**
 * Method and path of each route under `/api`. A plain copy of what `protocol/routes.ts` says, because importing that file
 * would bring the schemas and their library (some 15 KB compressed) into every page; a unit test holds the two equal.
 */
export const routeTable = {
  register: 'POST /auth/register',
  getSignUp: 'GET /auth/sign_up',
  login: 'POST /auth/login',
  reopenAccount: 'POST /auth/reopen',
  refresh: 'POST /auth/refresh',
  logout: 'POST /auth/logout',
  listSessions: 'GET /auth/sessions',
  endOtherSessions: 'DELETE /auth/sessions',
  changePassword: 'POST /auth/password',
  changeEmail: 'POST /auth/email',
  endSession: 'DELETE /auth/sessions/:id',
  listCommunities: 'GET /communities',
  createCommunity: 'POST /communities',
  getCommunity: 'GET /communities/:id',
  updateCommunity: 'PUT /communities/:id',
  deleteCommunity: 'DELETE /communities/:id',
  handOverCommunity: 'PUT /communities/:community_id/owner',
  joinCommunity: 'POST /communities/:id/join',
  leaveCommunity: 'POST /communities/:id/leave',
  listMembersOfCommunity: 'GET /communities/:id/members',
  changeMembership: 'PUT /communities/:id/members/:member_id',
  removeMember: 'DELETE /communities/:id/members/:member_id',
  listThreads: 'GET /threads/community/:community_id',
  createThread: 'POST /threads/community/:community_id',
  searchThreads: 'GET /threads/search',
  getThread: 'GET /threads/:id',
  updateThread: 'PUT /threads/:id',
  deleteThread: 'DELETE /threads/:id',
  pinThread: 'POST /threads/:id/pin',
  history: 'GET /messages/thread/:thread_id',
  sendMessage: 'POST /messages/thread/:thread_id',
  searchMessages: 'GET /messages/search',
  replies: 'GET /messages/thread/:thread_id/replies/:message_id',
  getMessage: 'GET /messages/:id',
  editMessage: 'PUT /messages/:id',
  deleteMessage: 'DELETE /messages/:id',
  listMembers: 'GET /members',
  createMember: 'POST /members',
  getMemberByUsername: 'GET /members/username/:username',
  getMember: 'GET /members/:id',
  updateMember: 'PUT /members/:id',
  deactivateMember: 'DELETE /members/:id',
  communitiesOfMember: 'GET /members/:id/communities',
  activityOfMember: 'GET /members/:id/activity',
  listNotifications: 'GET /notifications',
  readNotifications: 'POST /notifications/read',
  markRead: 'PUT /threads/:thread_id/read',
  markAllRead: 'POST /reads',
} as const satisfies Record<RouteName, `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`>;

/** Routes that take no access token, though `register` could. The same test holds them equal to the routes that anyone may call. */
export const openRoutes: ReadonlySet<RouteName> = new Set<RouteName>(['register', 'getSignUp', 'login', 'reopenAccount', 'refresh']);
