import type { ErrorRequestHandler, Request, Response } from 'express';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import { toProblem } from '../../protocol/problem.js';
import { endsSoon } from './body.js';
import { visitOf } from './visit.js';

/** Writes a failure as application/problem+json (RFC 9457). `status` where HTTP has a finer word than the table of errors. */
export const sendProblem = (request: Request, response: Response, fault: Fault, status = fault.status): void => {
  if (fault.retry_after_ms !== undefined) response.setHeader('Retry-After', Math.max(1, Math.ceil(fault.retry_after_ms / 1000)));
  if (fault.code === 'unauthenticated') response.setHeader('WWW-Authenticate', 'Bearer');
  // The rest of an over-long body is not worth reading.
  if (fault.code === 'payload_too_large' && !endsSoon(request)) response.setHeader('Connection', 'close');
  response
    .status(status)
    .set('Cache-Control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify({ ...toProblem(fault, visitOf(request).origin.request_id), status }));
};

/** What express and its body reader throw, in our words: theirs may repeat the request. */
const fromHttpError = (error: Error & { status?: unknown; type?: unknown }): Fault | undefined => {
  if (error.type === 'entity.too.large') return new Fault('payload_too_large', 'The body is larger than this route takes');
  // Its connection ended before it was read: nobody hears this.
  if (error.type === 'stream.not.readable') return new Fault('validation_failed', 'The body did not come to its end');
  const isTheirs = typeof error.status === 'number' && error.status >= 400 && error.status < 500;
  return isTheirs ? new Fault('validation_failed', 'The request is malformed') : undefined;
};

/** A defect's name, words and place; not its other properties, which may hold what a member wrote. */
const described = (thrown: unknown): object =>
  thrown instanceof Error
    ? {
        type: thrown.name,
        message: thrown.message,
        stack: thrown.stack,
        ...(thrown.cause !== undefined && { cause: described(thrown.cause) }),
      }
    : { type: typeof thrown };

/** The last step: whatever was thrown becomes a problem, and a defect a line in the log. */
export const problemHandler =
  (logger: Logger): ErrorRequestHandler =>
  (thrown: unknown, request, response, _next) => {
    const fault = (thrown instanceof Error && !(thrown instanceof Fault) && fromHttpError(thrown)) || Fault.from(thrown);
    const { request_id } = visitOf(request).origin;
    if (!(thrown instanceof Fault) && fault.status >= 500)
      logger.error({ request_id, err: described(thrown) }, 'request failed by a defect');
    if (response.headersSent) {
      // Too late for an answer: an honest client must see it broken off rather than whole.
      response.destroy();
      return;
    }
    sendProblem(request, response, fault);
  };
