import { z } from 'zod';
import type { LimitName, Permission } from '../access.js';
import { id, pageQuery } from '../primitives.js';

/** One entry of the REST door's table. */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  A extends z.ZodType = z.ZodType,
> {
  method: 'get' | 'post' | 'put' | 'delete';
  /** Below /api, with :params. */
  path: string;
  tag: string;
  summary: string;
  permission: Permission;
  limit: LimitName;
  /** 201 where something is made; 204 answers nothing. */
  status: 200 | 201 | 204;
  /** Other success statuses the handler may choose. */
  alsoStatus?: 200;
  params: P;
  query: Q;
  body: B;
  answer: A;
  /** Largest body in bytes, when it is not what the schema can need (body-bytes.ts). */
  bodyBytes?: number;
}

const none = z.strictObject({});
const nothing = z.undefined();
type None = typeof none;
type Nothing = typeof nothing;

/** Fills what a route leaves out: no params, no query, no body, no answer. */
export const route = <P extends z.ZodType = None, Q extends z.ZodType = None, B extends z.ZodType = None, A extends z.ZodType = Nothing>(
  r: Omit<Route<P, Q, B, A>, 'params' | 'query' | 'body' | 'answer'> & { params?: P; query?: Q; body?: B; answer?: A },
): Route<P, Q, B, A> => ({
  ...r,
  params: r.params ?? (none as unknown as P),
  query: r.query ?? (none as unknown as Q),
  body: r.body ?? (none as unknown as B),
  answer: r.answer ?? (nothing as unknown as A),
});

/** Whether a part of a request has no fields at all. */
export const isEmpty = (schema: z.ZodType): boolean =>
  schema.def.type === 'object' && Object.keys((schema as z.ZodObject).shape).length === 0;

export const byId = z.strictObject({ id });
export const byCommunity = z.strictObject({ community_id: id });
export const byThread = z.strictObject({ thread_id: id });
export const paged = z.strictObject(pageQuery);
