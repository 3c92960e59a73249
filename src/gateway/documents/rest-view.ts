import type { z } from 'zod';
import { allowText, isOpen } from '../../authority/allow.js';
import { type Operation, opensAt } from '../../catalogue/operation.js';
import { type LimitName, permissions } from '../../protocol/access.js';
import { bodyBytesOf } from '../../protocol/body-bytes.js';
import { type Route, routes } from '../../protocol/routes.js';
import { restForm } from '../rest/input.js';

/** One method of one address, as documents show it. */
export interface RestView {
  name: string;
  method: Route['method'] | 'patch';
  path: string;
  tag: string;
  summary: string;
  /** In words. */
  forWhom: string;
  /** Whether a token is needed, of use, or neither. */
  token: 'needed' | 'of use' | 'none';
  /** Whether somebody who is signed in may be refused. */
  refuses: boolean;
  /** Whether it can collide with what is there. */
  collides: boolean;
  limit: LimitName;
  status: Route['status'];
  alsoStatus: 200 | undefined;
  params: z.ZodType;
  query: z.ZodType;
  body: z.ZodType;
  answer: z.ZodType;
  bodyBytes: number;
}

const ofRoute = ([name, route]: [string, Route]): RestView => ({
  ...route,
  name,
  forWhom: permissions[route.permission],
  token: ({ anyone: 'none', sign_up: 'of use' } as const)[route.permission as string] ?? 'needed',
  refuses: !['anyone', 'signed_in'].includes(route.permission),
  collides: route.status === 201 || ['put', 'patch', 'delete'].includes(route.method) || route.permission === 'community_join',
  alsoStatus: route.alsoStatus,
  bodyBytes: bodyBytesOf(route),
});

const ofOperation = (operation: Operation): RestView[] => {
  const { rest, name, tag, summary, allow, limit, answer, repeat } = operation;
  if (!rest || !opensAt(operation, 'rest')) return [];
  const { path, query, body } = restForm(operation, rest);
  return [
    {
      name,
      method: rest.method,
      path: rest.path,
      tag,
      summary,
      forWhom: allowText(allow),
      token: isOpen(allow) ? 'none' : 'needed',
      refuses: allow.who !== 'anyone' && allow.who !== 'signed_in',
      collides: repeat !== 'read',
      limit,
      status: rest.status,
      alsoStatus: rest.alsoStatus,
      params: path,
      query,
      body,
      answer,
      bodyBytes: bodyBytesOf({ body, ...(rest.bodyBytes !== undefined && { bodyBytes: rest.bodyBytes }) }),
    },
  ];
};

/** Everything that the REST door takes. */
export const restViews = (operations: readonly Operation[]): RestView[] => [
  ...Object.entries<Route>(routes).map(ofRoute),
  ...operations.flatMap(ofOperation),
];
