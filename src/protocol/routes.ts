import type { z } from 'zod';
import { authRoutes } from './routes/auth.js';
import { communityRoutes } from './routes/communities.js';
import { memberRoutes } from './routes/members.js';
import { messageRoutes } from './routes/messages.js';
import { notificationRoutes } from './routes/notifications.js';
import { readRoutes } from './routes/reads.js';
import { threadRoutes } from './routes/threads.js';

export { isEmpty, type Route } from './routes/route.js';

/** The REST door: one entry a route. Express routing, validation, OpenAPI and the typed client are made from this table. */
export const routes = {
  ...authRoutes,
  ...communityRoutes,
  ...threadRoutes,
  ...messageRoutes,
  ...memberRoutes,
  ...notificationRoutes,
  ...readRoutes,
} as const;

export type RouteName = keyof typeof routes;
/** What a handler gets, parsed. */
export type RouteInput<N extends RouteName> = {
  params: z.output<(typeof routes)[N]['params']>;
  query: z.output<(typeof routes)[N]['query']>;
  body: z.output<(typeof routes)[N]['body']>;
};
export type RouteAnswer<N extends RouteName> = z.output<(typeof routes)[N]['answer']>;
