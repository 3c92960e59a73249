import { z } from 'zod';
import { anyOf, anyone, installation, signedIn as member, self as oneself } from '../../authority/allow.js';
import { defineItem } from '../../catalogue/item-kind.js';
import { defineOperation } from '../../catalogue/operation.js';
import { bounds, email, givenPassword, id, line, pageInput, password, text, username, webUrl } from '../../protocol/primitives.js';
import { ownSession, page, self, session, signedIn, tokens } from '../../protocol/resources.js';

/** Of what holds a password: more than its schema can need, so that a password manager's answer is refused by its schema. */
const bodyBytes = 2_000_000;
const signsIn = 'it makes what a connection shows when it is opened';
const without = { socket: signsIn, websocket: signsIn };
const loginInput = z.strictObject({
  login: z.string().min(1).max(254),
  password: z.string().min(1).max(bounds.passwordMax),
  device_token: z.string().max(1_024).optional(),
});
const loginExample = { login: 'ada', password: 'correct horse battery' };

export const sessionItem = defineItem({
  kind: 'session',
  ledger: 'me',
  summary: "One of one's sessions, by its id; when it was used last is in list_sessions",
  value: ownSession,
  // What a device calls itself has up to 256 characters.
  most: { items: 200, valueBytes: 1_024 },
});

export const register = defineOperation({
  name: 'register',
  tag: 'auth',
  summary: 'Make an account and sign in; while sign-up is closed only administrators of the installation make accounts',
  allow: anyOf(anyone, installation),
  decided_by: 'operation',
  limit: 'sign_up',
  repeat: { no: 'a second account of the same name collides with the first' },
  input: z.strictObject({ username, email, password, full_name: line(1, bounds.name).optional() }),
  answer: signedIn,
  rest: { method: 'post', path: '/auth/register', status: 201, bodyBytes, aliases: [{ method: 'post', path: '/members' }] },
  without,
  example: { username: 'ada', email: 'ada@example.org', password: 'correct horse battery' },
});

export const getSignUp = defineOperation({
  name: 'get_sign_up',
  tag: 'auth',
  summary: 'Whether strangers may make accounts here',
  allow: anyone,
  decided_by: 'invoke',
  limit: 'probe',
  repeat: 'read',
  input: z.strictObject({}),
  answer: z.object({ sign_up: z.enum(['open', 'closed']).meta({ description: 'closed: only administrators make accounts' }) }),
  rest: { method: 'get', path: '/auth/sign_up', status: 200 },
  example: {},
});

export const login = defineOperation({
  name: 'login',
  tag: 'auth',
  summary:
    'Sign in by username or e-mail. After five wrong passwords for one login the next must wait, longer each time, 15 minutes at most',
  allow: anyone,
  decided_by: 'operation',
  limit: 'sign_in',
  repeat: { no: 'each opens a session' },
  input: loginInput,
  answer: signedIn,
  rest: { method: 'post', path: '/auth/login', status: 200, bodyBytes },
  without,
  example: loginExample,
});

export const reopenAccount = defineOperation({
  name: 'reopen_account',
  tag: 'auth',
  summary:
    'Open an account again that its member has closed, and sign in. Signing in to it tells (`forbidden`) until when that can be done',
  allow: anyone,
  decided_by: 'operation',
  limit: 'sign_in',
  repeat: { no: 'each opens a session' },
  input: loginInput,
  answer: signedIn,
  rest: { method: 'post', path: '/auth/reopen', status: 200, bodyBytes },
  without,
  example: loginExample,
});

export const refresh = defineOperation({
  name: 'refresh',
  tag: 'auth',
  summary:
    'New tokens for a refresh token, which is used up. A used one ends its whole session, but for a retry by the same device within 15 s',
  allow: anyone,
  decided_by: 'operation',
  limit: 'refresh',
  repeat: 'same',
  input: z.strictObject({ refresh_token: z.string().min(1).max(512) }),
  answer: tokens,
  rest: { method: 'post', path: '/auth/refresh', status: 200 },
  without,
  example: { refresh_token: 'a1b2c3' },
});

export const logout = defineOperation({
  name: 'logout',
  tag: 'auth',
  summary: 'End this session and close its sockets',
  allow: member,
  decided_by: 'invoke',
  limit: 'write',
  repeat: { no: 'the token counts no more' },
  input: z.strictObject({}),
  answer: z.undefined(),
  rest: { method: 'post', path: '/auth/logout', status: 204 },
  example: {},
});

export const listSessions = defineOperation({
  name: 'list_sessions',
  tag: 'auth',
  summary: "One's devices",
  allow: member,
  decided_by: 'invoke',
  limit: 'read',
  repeat: 'read',
  input: z.strictObject(pageInput),
  answer: page(session),
  rest: { method: 'get', path: '/auth/sessions', status: 200 },
  example: {},
});

export const endOtherSessions = defineOperation({
  name: 'end_other_sessions',
  tag: 'auth',
  summary: 'End all sessions but this one; their sockets close at once',
  allow: member,
  decided_by: 'invoke',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({}),
  answer: z.undefined(),
  rest: { method: 'delete', path: '/auth/sessions', status: 204 },
  example: {},
});

export const endSession = defineOperation({
  name: 'end_session',
  tag: 'auth',
  summary: "End one of one's sessions; its sockets close at once",
  allow: member,
  decided_by: 'operation',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ session_id: id }),
  answer: z.undefined(),
  rest: { method: 'delete', path: '/auth/sessions/:session_id', status: 204 },
  example: {},
});

export const changePassword = defineOperation({
  name: 'change_password',
  tag: 'auth',
  summary: 'Change the password and end all other sessions. Wrong present passwords are `forbidden` and make the session wait',
  allow: member,
  decided_by: 'operation',
  limit: 'sign_in',
  repeat: { no: 'the password given is the present one no more' },
  input: z.strictObject({ password: givenPassword.optional(), new_password: password }),
  answer: z.undefined(),
  rest: { method: 'post', path: '/auth/password', status: 204, bodyBytes },
  example: { password: 'correct horse battery', new_password: 'a longer horse battery' },
});

export const changeEmail = defineOperation({
  name: 'change_email',
  tag: 'auth',
  summary: 'Change the e-mail address. Wrong passwords are `forbidden` and make the session wait',
  allow: member,
  decided_by: 'operation',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ password: givenPassword.optional(), email }),
  answer: self,
  rest: { method: 'post', path: '/auth/email', status: 200, bodyBytes },
  example: { password: 'correct horse battery', email: 'ada@example.org' },
});

export const updateMember = defineOperation({
  name: 'update_member',
  tag: 'members',
  summary: "Change one's own profile. Another username or e-mail address asks for the password",
  allow: oneself('member_id'),
  decided_by: 'invoke',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({
    member_id: id,
    username: username.optional(),
    email: email.optional(),
    full_name: line(1, bounds.name).nullable().optional(),
    avatar_url: webUrl.nullable().optional(),
    bio: text(0, bounds.bio).nullable().optional(),
    password: givenPassword.optional(),
  }),
  answer: self,
  rest: { method: 'patch', path: '/members/:member_id', status: 200, aliases: [{ method: 'put', path: '/members/:member_id' }] },
  example: { bio: 'Counts things' },
});

export const deactivateMember = defineOperation({
  name: 'deactivate_member',
  tag: 'members',
  summary: "Close an account and end its sessions; messages stay. Asks for the caller's own password",
  allow: anyOf(oneself('member_id'), installation),
  decided_by: 'invoke',
  limit: 'write',
  repeat: 'same',
  input: z.strictObject({ member_id: id, password: givenPassword.optional() }),
  answer: z.undefined(),
  rest: { method: 'delete', path: '/members/:member_id', status: 204 },
  example: { password: 'correct horse battery' },
});
