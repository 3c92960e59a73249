import express, { type Request, type RequestHandler, type Router } from 'express';
import type { Catalogue } from '../../catalogue/catalogue.js';
import type { Invoke } from '../../catalogue/invoke.js';
import { opensAt } from '../../catalogue/operation.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import { withScope } from '../../kernel/scope.js';
import { bodyBytesOf } from '../../protocol/body-bytes.js';
import { parseRequest } from '../../protocol/problem.js';
import { isEmpty, type Route, type RouteInput, type RouteName, routes } from '../../protocol/routes.js';
import { workOfRoute } from '../limits/work.js';
import type { Authenticator, Limiter, Shedder } from '../ports.js';
import { demandNoBody, jsonOf, readBody } from './body.js';
import type { Handlers } from './handlers.js';
import { takesOnly } from './methods.js';
import { operationRoute, showLimit, showRefusal, tokenOf } from './operation-routes.js';
import { type Visit, visitOf } from './visit.js';

export interface ApiParts {
  handlers: Handlers;
  authenticator: Authenticator;
  limiter: Limiter;
  shedder: Shedder;
  clock: Clock;
  catalogue: Catalogue;
  invoke: Invoke;
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

/** The routes of protocol/routes.ts and the operations of the catalogue, each by its method and path. */
export const createApi = (parts: ApiParts): Router => {
  const api = express.Router({ caseSensitive: true });
  const ways = [...routeWays(parts), ...operationWays(parts)].sort((a, b) => byPrecedence(a.path, b.path));
  for (const { method, path, steps } of ways) api[method](path, ...steps);
  refuseOtherMethods(api, ways);
  return api;
};

/** One method of one address, and what it does. */
interface Way {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  path: string;
  steps: RequestHandler[];
}

/** Who asks, the limit, the body's bytes, parsing, the handler, the answer. */
const routeWays = (parts: ApiParts): Way[] =>
  (Object.keys(routes) as RouteName[]).map((name) => {
    const route: Route = routes[name];
    const takesBody = route.method === 'post' || route.method === 'put' || !isEmpty(route.body);
    const mostBytes = bodyBytesOf(route);
    const body: RequestHandler = async (request, response, next) => {
      if (takesBody) await readBody(request, response, mostBytes);
      else demandNoBody(request);
      next();
    };
    return { method: route.method, path: route.path, steps: [enter(parts, route), body, carryOut(parts, name)] };
  });

const operationWays = ({ catalogue, ...parts }: ApiParts): Way[] =>
  catalogue.all.flatMap(({ operation, run }) => {
    const { rest } = operation;
    if (!rest || !opensAt(operation, 'rest')) return [];
    return [{ method: rest.method, path: rest.path, steps: [operationRoute(parts, { operation: { ...operation, rest }, run })] }];
  });

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
      showRefusal(response, route.limit, error);
      throw error;
    }
    next();
  };

const identify = async (authenticator: Authenticator, limiter: Limiter, request: Request, visit: Visit): Promise<void> => {
  try {
    visit.identify(await authenticator.authenticate(tokenOf(request), visit.origin));
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

const refuseOtherMethods = (api: Router, ways: readonly Pick<Way, 'method' | 'path'>[]): void => {
  const methods = new Map<string, { path: string; allowed: string[] }>();
  for (const { path, method } of ways) {
    // Two names for one parameter are one address.
    const address = path.replace(/:\w+/g, ':');
    const allowed = methods.get(address)?.allowed ?? [];
    allowed.push(...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
    methods.set(address, { path: methods.get(address)?.path ?? path, allowed });
  }
  for (const { path, allowed } of methods.values()) takesOnly(api, path, allowed, `/api${path}`);
};
