import type { Request, RequestHandler, Response } from 'express';
import type { Bound } from '../../catalogue/bound.js';
import type { Invoke } from '../../catalogue/invoke.js';
import type { Operation, RestWay } from '../../catalogue/operation.js';
import { Fault } from '../../kernel/errors.js';
import { type LimitName, limits } from '../../protocol/access.js';
import type { Authenticator, LimitState } from '../ports.js';
import { createInputReader } from './input.js';
import { visitOf } from './visit.js';

const bearer = /^Bearer ([A-Za-z0-9._~+/=-]+)$/i;

/** The access token of a request. Fault `unauthenticated`. */
export const tokenOf = (request: Request): string => {
  const token = bearer.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new Fault('unauthenticated', 'Send an access token: Authorization: Bearer <token>');
  return token;
};

export const showLimit = (response: Response, name: LimitName, state: LimitState): void => {
  response.setHeader('RateLimit-Limit', state.limit);
  response.setHeader('RateLimit-Remaining', state.remaining);
  response.setHeader('RateLimit-Reset', state.reset_seconds);
  response.setHeader('RateLimit-Policy', `${limits[name].points};w=${limits[name].seconds}`);
};

/** Shows the limit that a refusal has met. */
export const showRefusal = (response: Response, name: LimitName, error: unknown): void => {
  if (!(error instanceof Fault) || error.code !== 'rate_limited') return;
  const reset_seconds = Math.ceil((error.retry_after_ms ?? 1000) / 1000);
  showLimit(response, name, { limit: limits[name].points, remaining: 0, reset_seconds });
};

/** What REST does for one operation of the catalogue. */
export const operationRoute = (
  { invoke, authenticator }: { invoke: Invoke; authenticator: Authenticator },
  bound: Bound & { operation: Operation & { rest: RestWay } },
): RequestHandler => {
  const { operation } = bound;
  const { rest, limit } = operation;
  const inputOf = createInputReader(operation, rest);
  return async (request, response) => {
    const visit = visitOf(request);
    visit.route = `/api${rest.path}`;
    const identify = async () => {
      const caller = await authenticator.authenticate(tokenOf(request), visit.origin);
      visit.identify(caller);
      return caller;
    };
    try {
      const { answer, again } = await invoke.carryOut(bound, {
        door: 'rest',
        origin: visit.origin,
        identify,
        tells: request.headers.authorization !== undefined,
        read: () => inputOf(request, response),
        spent: (state) => showLimit(response, limit, state),
      });
      const status = (again ? rest.alsoStatus : undefined) ?? rest.status;
      if (status === 204) response.status(204).end();
      else response.status(status).json(answer);
    } catch (error) {
      showRefusal(response, limit, error);
      throw error;
    }
  };
};
