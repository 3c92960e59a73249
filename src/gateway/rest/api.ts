import express, { type RequestHandler, type Router } from 'express';
import { type Catalogue, waysOf } from '../../catalogue/catalogue.js';
import type { Invoke } from '../../catalogue/invoke.js';
import { opensAt, type RestWay } from '../../catalogue/operation.js';
import type { Authenticator } from '../ports.js';
import { takesOnly } from './methods.js';
import { operationRoute } from './operation-routes.js';

export interface ApiParts {
  authenticator: Authenticator;
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

/** The operations of the catalogue, each by its methods and paths. */
export const createApi = (parts: ApiParts): Router => {
  const api = express.Router({ caseSensitive: true });
  const ways = waysInto(parts).sort((a, b) => byPrecedence(a.path, b.path));
  for (const { method, path, step } of ways) api[method](path, step);
  refuseOtherMethods(api, ways);
  return api;
};

/** One method of one address, and what it does. */
interface Way extends Pick<RestWay, 'method' | 'path'> {
  step: RequestHandler;
}

const waysInto = ({ catalogue, ...parts }: ApiParts): Way[] =>
  catalogue.all.flatMap(({ operation, run }) => {
    const { rest } = operation;
    if (!rest || !opensAt(operation, 'rest')) return [];
    return waysOf(operation).map((way) => ({
      ...way,
      step: operationRoute(parts, { operation: { ...operation, rest: { ...rest, ...way } }, run }),
    }));
  });

const refuseOtherMethods = (api: Router, ways: readonly Way[]): void => {
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
