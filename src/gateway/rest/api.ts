import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { withScope } from '../../kernel/scope.js';
import { limits } from '../../protocol/access.js';
import { bodyBytesOf } from '../../protocol/body-bytes.js';
import { parseRequest } from '../../protocol/problem.js';
import { isEmpty, type Route, type RouteInput, type RouteName, routes } from '../../protocol/routes.js';
import { workOfRoute } from '../limits/work.js';
import type { Authenticator, Limiter, LimitState, Shedder } from '../ports.js';
import { jsonOf, readBytes, refuseBody } from './body.js';
import type { Handlers } from './handlers.js';
import { takesOnly } from './methods.js';
import { type Visit, visitOf } from './visit.js';

export interface ApiParts {
  handlers: Handlers;
  authenticator: Authenticator;
  limiter: Limiter;
  shedder: Shedder;
  clock: Clock;
}

/** Fixed segments before parameters, so that /threads/search is not taken for a thread's id. */
export const byPrecedence = (a: string, b: string): number => {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = Number(left[i]?.startsWith(':')) - Number(right[i]?.startsWith(':'));
    if (order !== 0) return order;
  }
  return left.length - right.length;
};

const bearer = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i;

const showLimit = (response: Response, name: Route['limit'], state: LimitState): void => {
  response.setHeader('RateLimit-Limit', state.limit);
  response.setHeader('RateLimit-Remaining', state.remaining);
  response.setHeader('RateLimit-Reset', state.reset_seconds);
  response.setHeader('RateLimit-Policy', `${limits[name].points};w=${limits[name].seconds}`);
};

/** The routes of protocol/routes.ts, each: who asks, its limit, the body's bytes, parsing, the handler, the answer. */
export const createApi = (parts: ApiParts): Router => {
  const api = express.Router({ caseSensitive: true });
  const names = (Object.keys(routes) as RouteName[]).sort((a, b) => byPrecedence(routes[a].path, routes[b].path));
  for (const name of names) {
    const route: Route = routes[name];
    const takesBody = route.method === 'post' || route.method === 'put' || !isEmpty(route.body);
    const body = takesBody ? readBytes(bodyBytesOf(route)) : refuseBody;
    const steps: RequestHandler[] = [enter(parts, route), body, carryOut(parts, name)];
    api[route.method](route.path, ...steps);
  }
  refuseOtherMethods(api, names);
  return api;
};

/** Before anything of the body is read: whether the node has time for it, who asks, and whether they may ask this often. */
const enter =
  ({ authenticator, limiter, shedder }: ApiParts, route: Route): RequestHandler =>
  async (request, response, next) => {
    const visit = visitOf(request);
    visit.route = `/api${route.path}`;
    shedder.demand(workOfRoute(route));
    if (route.permission === 'sign_up') await identifyIfTold(authenticator, limiter, request, visit);
    else if (route.permission !== 'anyone') await identify(authenticator, limiter, request, visit);
    try {
      const state = await limiter.spend(route.limit, { member_id: visit.memberId, address: visit.origin.address });
      if (state) showLimit(response, route.limit, state);
    } catch (error) {
      if (error instanceof Fault && error.code === 'rate_limited') {
        const reset_seconds = Math.ceil((error.retry_after_ms ?? 1000) / 1000);
        showLimit(response, route.limit, { limit: limits[route.limit].points, remaining: 0, reset_seconds });
      }
      throw error;
    }
    next();
  };

const identify = async (authenticator: Authenticator, limiter: Limiter, request: Request, visit: Visit): Promise<void> => {
  const token = bearer.exec(request.headers.authorization ?? '')?.[1];
  try {
    if (token === undefined) throw new Fault('unauthenticated', 'Send an access token: Authorization: Bearer <token>');
    visit.identify(await authenticator.authenticate(token, visit.origin));
  } catch (error) {
    // Guessing tokens is counted by address; who is known is counted by member.
    if (error instanceof Fault && error.code === 'unauthenticated') await limiter.spend('probe', { address: visit.origin.address });
    throw error;
  }
};

/** Where a token is of use and not needed: a bad one counts for nothing, unless the operation has to know. */
const identifyIfTold = async (authenticator: Authenticator, limiter: Limiter, request: Request, visit: Visit): Promise<void> => {
  if (request.headers.authorization === undefined) return;
  try {
    await identify(authenticator, limiter, request, visit);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'unauthenticated') throw error;
    visit.unidentified = error;
  }
};

const carryOut = <N extends RouteName>({ handlers, clock }: ApiParts, name: N): RequestHandler => {
  const route: Route = routes[name];
  const handler = handlers[name];
  return async (request, response) => {
    const visit = visitOf(request);
    visit.arrivedAt = clock.now();
    const input = {
      params: parseRequest(route.params, request.params, 'path'),
      query: parseRequest(route.query, request.query, 'query'),
      body: parseRequest(route.body, jsonOf(request) ?? {}, 'body'),
    } as RouteInput<N>;
    const scope = { request_id: visit.origin.request_id, ...(visit.memberId !== undefined && { member_id: visit.memberId }) };
    const answer: unknown = await withScope(scope, () => handler(visit, input));
    const status = visit.status ?? route.status;
    if (status === 204) response.status(204).end();
    else response.status(status).json(answer);
  };
};

const refuseOtherMethods = (api: Router, names: readonly RouteName[]): void => {
  const methods = new Map<string, string[]>();
  for (const name of names) {
    const { path, method } = routes[name];
    methods.set(path, [...(methods.get(path) ?? []), ...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])]);
  }
  for (const [path, allowed] of methods) takesOnly(api, path, allowed, `/api${path}`);
};
