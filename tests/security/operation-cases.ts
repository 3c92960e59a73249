import { ParleyClient } from '../../src/client/index.js';
import { password, signUp } from '../cluster/people.js';
import { type Asker, inviteFor, messageFor, targetOf, threadFor, whom } from './asker.js';
import { isPlain, type Outcome, type Standing, type Subject, type Visibility } from './permission-table.js';
import { idOf, usernameOf } from './trio.js';

type Input = Record<string, unknown>;

/** What an operation needs beside what it states, so that only permission can refuse it. */
export interface OperationCase {
  /** All of the input, made anew for whoever asks; without it the operation's example in the scene, see `inputFor`. */
  make?(asker: Asker): Input | Promise<Input>;
  /** Asks instead of the asker: for what ends a session. Null: the asker. Closed afterwards. */
  instead?(asker: Asker): Promise<ParleyClient | null>;
  /** Where it makes no difference whose it is although its statement names authors. */
  ofAll?: true;
  /** Where an answer is another than what the tables say, and why. */
  but?: { why: string; outcome(visibility: Visibility, standing: Standing, subject: Subject): Outcome | undefined };
}

let made = 0;
const newAccount = () => {
  const username = `matrix-${process.pid}-${made++}`;
  return { username, email: `${username}@example.org`, password };
};

/** One more session of somebody. */
const anotherSession = async (asker: Asker, client: ParleyClient): Promise<ParleyClient> => {
  const other = new ParleyClient({ urls: [asker.scene.cast.url] });
  await other.login(await usernameOf(client), password);
  return other;
};

const sessionOf = async (asker: Asker): Promise<string> => {
  const other = await anotherSession(asker, whom(asker));
  const { items } = await other.operations.listSessions();
  other.close();
  return items.find((session) => session.is_current)?.id as string;
};

/** The scene's community, or one like it that may be used up. */
const communityFor = async ({ allowed, scene, standing }: Asker): Promise<string> =>
  (allowed ? await scene.another(standing) : scene.community).id;

const signingIn = async (asker: Asker) => ({ login: await usernameOf(targetOf(asker)), password });
const overTarget = async (asker: Asker) => ({ community_id: await communityFor(asker), member_id: idOf(targetOf(asker)) });

const overPeople: OperationCase = {
  make: async (asker) => ({ thread_id: await threadFor(asker), member_id: idOf(targetOf(asker)) }),
  but: {
    why: 'a thread that everybody may view has no people of its own',
    outcome: (visibility, standing, subject) => {
      if (visibility === 'closed' || visibility === 'shut') return undefined;
      const ownThread = subject === 'own' && standing === 'member';
      return ownThread || ['allowed', 'moderator', 'administrator', 'owner'].includes(standing) ? 'conflict' : undefined;
    },
  },
};

/** By name. Operations that need nothing are not among them. */
export const operationCases: Readonly<Record<string, OperationCase>> = {
  register: { make: newAccount },
  login: { make: signingIn },
  reopen_account: { make: signingIn },
  refresh: {
    make: async (asker) => {
      const login = await usernameOf(asker.client ?? targetOf(asker));
      return { refresh_token: (await targetOf(asker).operations.login({ login, password })).refresh_token };
    },
  },
  logout: { instead: async (asker) => asker.client && anotherSession(asker, asker.client) },
  // The same password again: others of the matrix sign in by it.
  change_password: { make: () => ({ password, new_password: password }) },
  change_email: { make: () => ({ password, email: newAccount().email }) },
  end_session: {
    make: async (asker) => ({ session_id: await sessionOf(asker) }),
    but: {
      why: 'that another has such a session is not for one to know',
      outcome: (_visibility, standing, subject) => (standing !== 'nobody' && subject === 'other' ? 'not_found' : undefined),
    },
  },
  deactivate_member: {
    instead: async ({ client, subject, scene }) => (client && subject === 'own' ? signUp([scene.cast.url], 'leaver') : null),
    make: (asker) => ({ member_id: idOf(whom(asker)) }),
  },
  get_member_by_username: { make: async (asker) => ({ username: await usernameOf(targetOf(asker)) }) },

  list_communities: { make: () => ({}) },
  delete_community: { make: async (asker) => ({ community_id: await communityFor(asker) }) },
  hand_over_community: { make: overTarget },
  join_as_member: {
    make: async (asker) => ({ community_id: await communityFor(asker) }),
    but: {
      why: 'whoever is banned sees a public community, and may not come back to it',
      outcome: (visibility, standing) => (visibility !== 'private' && standing === 'banned' ? 'forbidden' : undefined),
    },
  },
  leave_as_member: {
    make: async ({ scene, standing }) => ({ community_id: (await scene.another(standing)).id }),
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
  change_membership: {
    make: (asker) => ({ community_id: asker.scene.community.id, member_id: idOf(targetOf(asker)), muted_until: null }),
  },
  remove_member: { make: overTarget },

  create_role: { make: ({ scene }) => ({ community_id: scene.community.id, name: `made ${made++}` }) },
  delete_role: {
    make: async ({ scene, allowed }) => {
      const { id } = scene.community;
      const role = allowed ? await scene.who('owner')!.operations.createRole({ community_id: id, name: `gone ${made++}` }) : scene.role;
      return { community_id: id, role_id: role.id };
    },
  },
  // As they are: whoever may moves none above themselves.
  order_roles: {
    make: async ({ scene }) => {
      const { id } = scene.community;
      const { items } = await scene.who('owner')!.operations.listRoles({ community_id: id });
      return { community_id: id, role_ids: items.slice(0, -1).map((role) => role.id) };
    },
  },

  set_override: {
    make: ({ scene }) => ({ thread_id: scene.thread.id, subject: `role:${scene.role.id}`, allow: ['read_history'], deny: [] }),
  },
  delete_override: { make: ({ scene }) => ({ thread_id: scene.thread.id, subject: `role:${scene.role.id}` }) },
  add_thread_member: overPeople,
  remove_thread_member: overPeople,
  update_thread: { make: async (asker) => ({ thread_id: await threadFor(asker), title: 'changed' }) },
  delete_thread: { make: async (asker) => ({ thread_id: await threadFor(asker) }) },
  pin_thread: { make: async (asker) => ({ thread_id: await threadFor(asker), is_pinned: true }) },
  send_message: {
    make: ({ scene }) => ({ thread_id: scene.thread.id, content: 'of the matrix', nonce: `matrix-${made++}` }),
  },
  list_messages: { make: ({ scene }) => ({ thread_id: scene.thread.id }) },
  edit_message: { make: async (asker) => ({ message_id: await messageFor(asker), content: 'changed' }) },
  delete_message: { make: async (asker) => ({ message_id: await messageFor(asker) }) },
  add_reaction: { make: async (asker) => ({ message_id: await messageFor(asker), emoji: '👍' }) },
  remove_reaction: { make: async (asker) => ({ message_id: await messageFor(asker), emoji: '👍' }) },
  mark_read: { make: ({ scene }) => ({ thread_id: scene.thread.id, seq: 1 }) },

  sync_ledger: { make: () => ({ ledger: 'me' }) },
  put_setting: { make: () => ({ key: 'theme', value: 'dark' }) },
  save_draft: { make: ({ scene }) => ({ place: `thread:${scene.thread.id}`, content: 'Half a sentence' }) },
  set_notification_level: { make: ({ scene }) => ({ place: `thread:${scene.thread.id}`, level: 'mentions', muted_until: null }) },

  list_invites: {
    ofAll: true,
    but: {
      why: 'each member sees their own',
      outcome: (_, standing) => (isPlain(standing) ? 'ok' : undefined),
    },
  },
  revoke_invite: {
    make: async (asker) => ({ invite_id: (await inviteFor(asker)).id }),
    but: {
      why: 'members who neither made an invite nor manage all of them do not know of it; others know of none',
      outcome: (_, standing, subject) =>
        standing === 'stranger' || standing === 'banned' || (subject === 'other' && isPlain(standing)) ? 'not_found' : undefined,
    },
  },
  preview_invite: { make: async (asker) => ({ code: (await inviteFor(asker)).code }) },
  // To another community: whoever comes in would stand otherwise in this one.
  accept_invite: {
    make: async ({ scene }) => {
      const owner = scene.who('owner')!;
      const { id } = await owner.operations.createCommunity({ name: 'Another', is_public: false });
      return { code: (await owner.operations.createInvite({ community_id: id })).code };
    },
  },
};
