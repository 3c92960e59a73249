import type { Router } from 'express';
import { Fault } from '../../kernel/errors.js';
import { sendProblem } from './problems.js';
import { visitOf } from './visit.js';

/** What an address that only shows something takes. */
export const reading = ['GET', 'HEAD'] as const;

/** The last handler of an address: any other method is told which there are. `route` is its name in logs and metrics. */
export const takesOnly = (router: Router, path: string | (string | RegExp)[], allowed: readonly string[], route?: string): void => {
  router.all(path, (request, response) => {
    if (route !== undefined) visitOf(request).route = route;
    response.setHeader('Allow', allowed.join(', '));
    if (request.method === 'OPTIONS') response.status(204).end();
    else sendProblem(request, response, new Fault('validation_failed', `This address takes ${allowed.join(', ')}`), 405);
  });
};
