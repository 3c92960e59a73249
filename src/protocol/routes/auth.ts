import { z } from 'zod';
import { bounds, email, line, password, username } from '../primitives.js';
import { page, session, signedIn, tokens } from '../resources.js';
import { byId, paged, route } from './route.js';

const loginBody = {
  login: z.string().min(1).max(254),
  password: z.string().min(1).max(bounds.passwordMax),
  device_token: z.string().max(1_024).optional(),
};

export const authRoutes = {
  register: route({
    method: 'post',
    path: '/auth/register',
    tag: 'auth',
    summary: 'Make an account and sign in',
    permission: 'anyone',
    limit: 'sign_up',
    status: 201,
    body: z.strictObject({ username, email, password, full_name: line(1, bounds.name).optional() }),
    answer: signedIn,
    bodyBytes: 2_000_000,
  }),
  login: route({
    method: 'post',
    path: '/auth/login',
    tag: 'auth',
    summary:
      'Sign in by username or e-mail. After five wrong passwords for one login the next must wait, longer each time, 15 minutes at most',
    permission: 'anyone',
    limit: 'sign_in',
    status: 200,
    bodyBytes: 2_000_000,
    body: z.strictObject(loginBody),
    answer: signedIn,
  }),
  refresh: route({
    method: 'post',
    path: '/auth/refresh',
    tag: 'auth',
    summary: 'New tokens for a refresh token, which is used up. A used one ends its whole session',
    permission: 'anyone',
    limit: 'refresh',
    status: 200,
    body: z.strictObject({ refresh_token: z.string().min(1).max(512) }),
    answer: tokens,
  }),
  logout: route({
    method: 'post',
    path: '/auth/logout',
    tag: 'auth',
    summary: 'End this session and close its sockets',
    permission: 'signed_in',
    limit: 'write',
    status: 204,
  }),
  listSessions: route({
    method: 'get',
    path: '/auth/sessions',
    tag: 'auth',
    summary: "One's devices",
    permission: 'signed_in',
    limit: 'read',
    status: 200,
    query: paged,
    answer: page(session),
  }),
  endSession: route({
    method: 'delete',
    path: '/auth/sessions/:id',
    tag: 'auth',
    summary: "End one of one's sessions; its sockets close at once",
    permission: 'self',
    limit: 'write',
    status: 204,
    params: byId,
  }),
} as const;
