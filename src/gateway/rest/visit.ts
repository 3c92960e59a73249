import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import type { Caller } from '../../catalogue/caller.js';
import type { Origin } from '../../catalogue/origin.js';
import type { Clock } from '../../kernel/clock.js';
import { randomToken } from '../../kernel/ids.js';
import { withScope } from '../../kernel/scope.js';
import type { Telemetry } from '../../kernel/telemetry.js';

/** One HTTP request on its way through the door. */
export class Visit {
  readonly origin: Origin;
  /** The route's pattern, for metrics and logs; never the path itself, which is without bound. */
  route = 'other';
  #caller: Caller | undefined;

  constructor(origin: Origin) {
    this.origin = origin;
  }

  get memberId(): string | undefined {
    return this.#caller?.member_id;
  }

  identify(caller: Caller): void {
    this.#caller = caller;
  }
}

const visits = new WeakMap<IncomingMessage, Visit>();

/** The visit that the first step of the door has made for this request. */
export const visitOf = (request: IncomingMessage): Visit => {
  const visit = visits.get(request);
  if (!visit) throw new Error('No visit was begun for this request');
  return visit;
};

/** An id that came with the request is kept when it is harmless in headers and logs. */
const saneId = /^[A-Za-z0-9._:-]{8,64}$/;

/** The first step: who and where from, the request's id (echoed), its scope and its measuring. */
export const beginVisit =
  (parts: { clock: Clock; telemetry: Telemetry; addressOf: (request: IncomingMessage) => string }) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const given = request.headers['x-request-id'];
    const request_id = typeof given === 'string' && saneId.test(given) ? given : randomToken(12);
    const visit = new Visit({
      address: parts.addressOf(request),
      request_id,
      user_agent: request.headers['user-agent']?.slice(0, 256) ?? null,
    });
    visits.set(request, visit);
    response.setHeader('X-Request-Id', request_id);
    const began = parts.clock.monotonic();
    response.once('close', () => {
      const labels = { method: request.method, route: visit.route, status: String(response.statusCode) };
      parts.telemetry.httpSeconds.observe(labels, (parts.clock.monotonic() - began) / 1000);
    });
    withScope({ request_id }, () => next());
  };
