import type { ParleyClient } from '../../src/client/index.js';
import type { RouteName } from '../../src/protocol/routes.js';
import { password, signUp } from '../cluster/people.js';
import type { Outcome, Standing, Subject, Visibility } from './permission-table.js';
import type { Scene } from './scene.js';

/** A valid request of each route, made anew for whoever asks, so that only permission can refuse it. */

export interface Call {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** Asks with these tokens instead of the asker's: for what ends a session. */
  as?: string;
}

export interface Asker {
  scene: Scene;
  standing: Standing;
  /** Null for nobody. */
  client: ParleyClient | null;
  subject: Subject;
  /** Whether the table lets this one through: then the call may use up what it acts on. */
  allowed: boolean;
}

export interface RouteCase {
  call(asker: Asker): Call | Promise<Call>;
  /** Asked in both kinds of community although its permission is the same in both. */
  inBoth?: true;
  /** Where an answer is another than the permission's, and why. */
  but?: { why: string; outcome(visibility: Visibility, standing: Standing, subject: Subject): Outcome | undefined };
}

const targetOf = ({ scene }: Asker): ParleyClient => scene.cast.target;
const idOf = (client: ParleyClient): string => client.memberId as string;
const url = ({ scene }: Asker): string => scene.cast.url;

let accounts = 0;
const newAccount = () => {
  const username = `matrix-${process.pid}-${accounts++}`;
  return { username, email: `${username}@example.org`, password };
};

/** Tokens of one more session: of the asker, or of the target for nobody. */
const anotherSession = async (asker: Asker): Promise<{ access: string; refresh: string; session: string }> => {
  const client = asker.client ?? targetOf(asker);
  const self = await client.rest('getMember', { params: { id: idOf(client) } });
  const signed = await client.rest('login', { body: { login: self.username, password } });
  const claims = JSON.parse(Buffer.from(signed.access_token.split('.')[1] as string, 'base64url').toString()) as { sid: string };
  return { access: signed.access_token, refresh: signed.refresh_token, session: claims.sid };
};

const ownWorks = ({ standing }: Asker): keyof Scene['works'] | undefined =>
  standing === 'nobody' || standing === 'stranger' ? undefined : standing;

/** A message of the asker's own or of the target; a fresh one when the call will go through. */
export const messageFor = async (asker: Asker): Promise<string> => {
  const own = asker.subject === 'own' ? ownWorks(asker) : undefined;
  if (!asker.allowed) return asker.scene.works[own ?? 'target'].message.id;
  return (await asker.scene.message(own === undefined ? targetOf(asker) : (asker.client as ParleyClient))).id;
};

const threadFor = async (asker: Asker): Promise<string> => {
  const own = asker.subject === 'own' ? ownWorks(asker) : undefined;
  if (!asker.allowed) return asker.scene.works[own ?? 'target'].thread.id;
  return (await asker.scene.newThread(own === undefined ? targetOf(asker) : (asker.client as ParleyClient))).id;
};

const community = ({ scene }: Asker): Call => ({ params: { id: scene.community.id } });
const inCommunity = ({ scene }: Asker): Call => ({ params: { community_id: scene.community.id } });
const inThread = ({ scene }: Asker): Call => ({ params: { thread_id: scene.thread.id } });
const theTarget = (asker: Asker): Call => ({ params: { id: idOf(targetOf(asker)) } });
const nothing = (): Call => ({});

export const routeCases: Record<RouteName, RouteCase> = {
  register: { call: () => ({ body: newAccount() }) },
  createMember: { call: () => ({ body: newAccount() }) },
  getSignUp: { call: nothing },
  login: {
    call: async (asker) => {
      const { username } = await targetOf(asker).rest('getMember', theTargetInput(asker));
      return { body: { login: username, password } };
    },
  },
  reopenAccount: {
    call: async (asker) => {
      const { username } = await targetOf(asker).rest('getMember', theTargetInput(asker));
      return { body: { login: username, password } };
    },
  },
  refresh: { call: async (asker) => ({ body: { refresh_token: (await anotherSession(asker)).refresh } }) },
  logout: { call: async (asker) => (asker.client ? { as: (await anotherSession(asker)).access } : {}) },
  listSessions: { call: nothing },
  endOtherSessions: { call: nothing },
  // The same password again: others of the matrix sign in by it.
  changePassword: { call: () => ({ body: { password, new_password: password } }) },
  changeEmail: { call: () => ({ body: { password, email: newAccount().email } }) },
  endSession: {
    call: async (asker) => ({
      params: { id: (await anotherSession(asker.subject === 'own' ? asker : { ...asker, client: targetOf(asker) })).session },
    }),
    but: {
      why: 'that another has such a session is not for one to know',
      outcome: (_visibility, standing, subject) => (standing !== 'nobody' && subject === 'other' ? 'not_found' : undefined),
    },
  },

  listCommunities: { call: nothing },
  createCommunity: { call: () => ({ body: { name: 'Of the matrix' } }) },
  getCommunity: { call: community },
  updateCommunity: { call: (asker) => ({ ...community(asker), body: { description: 'changed' } }) },
  deleteCommunity: {
    call: async (asker) => (asker.allowed ? { params: { id: (await asker.scene.another(asker.standing)).id } } : community(asker)),
  },
  handOverCommunity: {
    call: async ({ allowed, scene, standing }) => ({
      params: { community_id: (allowed ? await scene.another(standing) : scene.community).id },
      body: { member_id: idOf(scene.cast.target) },
    }),
  },
  joinCommunity: {
    call: async (asker) => (asker.allowed ? { params: { id: (await asker.scene.another(asker.standing)).id } } : community(asker)),
  },
  leaveCommunity: {
    call: async (asker) => ({ params: { id: (await asker.scene.another(asker.standing)).id } }),
    inBoth: true,
    but: {
      why: 'a private community is not there for those outside, and an owner hands over first',
      outcome: (visibility, standing) =>
        standing === 'owner'
          ? 'conflict'
          : visibility === 'private' && (standing === 'stranger' || standing === 'banned')
            ? 'not_found'
            : undefined,
    },
  },
  listMembersOfCommunity: { call: community },
  changeMembership: {
    call: (asker) => ({
      params: { id: asker.scene.community.id, member_id: idOf(targetOf(asker)) },
      body: { muted_until: null },
    }),
  },
  removeMember: {
    call: async ({ allowed, scene, standing }) => {
      const { id } = allowed ? await scene.another(standing) : scene.community;
      return { params: { id, member_id: idOf(scene.cast.target) } };
    },
  },

  listThreads: { call: inCommunity },
  createThread: { call: (asker) => ({ ...inCommunity(asker), body: { title: 'A thread of the matrix' } }) },
  searchThreads: { call: () => ({ query: { q: 'fresh' } }) },
  getThread: { call: ({ scene }) => ({ params: { id: scene.thread.id } }) },
  updateThread: { call: async (asker) => ({ params: { id: await threadFor(asker) }, body: { title: 'changed' } }) },
  deleteThread: { call: async (asker) => ({ params: { id: await threadFor(asker) } }) },
  pinThread: { call: async (asker) => ({ params: { id: await threadFor(asker) }, body: { is_pinned: true } }) },

  history: { call: inThread },
  sendMessage: { call: (asker) => ({ ...inThread(asker), body: { content: 'of the matrix' } }) },
  searchMessages: { call: () => ({ query: { q: 'fresh' } }) },
  replies: { call: ({ scene }) => ({ params: { thread_id: scene.thread.id, message_id: scene.works.target.message.id } }) },
  getMessage: { call: ({ scene }) => ({ params: { id: scene.works.target.message.id } }) },
  editMessage: { call: async (asker) => ({ params: { id: await messageFor(asker) }, body: { content: 'changed' } }) },
  deleteMessage: { call: async (asker) => ({ params: { id: await messageFor(asker) } }) },

  listMembers: { call: nothing },
  getMemberByUsername: {
    call: async (asker) => ({ params: { username: (await targetOf(asker).rest('getMember', theTargetInput(asker))).username } }),
  },
  getMember: { call: theTarget },
  updateMember: {
    call: (asker) => ({
      params: { id: idOf(asker.subject === 'own' && asker.client ? asker.client : targetOf(asker)) },
      body: { bio: 'changed' },
    }),
  },
  deactivateMember: {
    call: async (asker) => {
      if (asker.subject === 'other' || !asker.client) return theTarget(asker);
      const leaver = await signUp([url(asker)], 'leaver');
      const as = (await leaver.session.token()) as string;
      leaver.close();
      return { params: { id: idOf(leaver) }, as };
    },
  },
  communitiesOfMember: { call: theTarget },
  activityOfMember: { call: theTarget },

  listNotifications: { call: nothing },
  readNotifications: { call: () => ({ body: {} }) },
  markRead: { call: (asker) => ({ ...inThread(asker), body: { seq: 1 } }) },
  markAllRead: { call: () => ({ body: {} }) },
};

const theTargetInput = (asker: Asker) => ({ params: { id: idOf(targetOf(asker)) } });
