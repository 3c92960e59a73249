import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../../kernel/logger.js';
import { visitOf } from './visit.js';

const quiet = /^\/(?:(?:healthz|readyz|metrics)$|assets\/)/;

/** What the line tells beside how it ended. In the line's own object, where it replaces what the scope says of the same. */
const told = (request: IncomingMessage): object => {
  const { origin, route, memberId } = visitOf(request);
  return { request_id: origin.request_id, route, ...(memberId !== undefined && { member_id: memberId }) };
};

/** One line a request: what, how it ended, how long. No headers, no body, and no query, which may hold what is searched for. */
export const accessLog = (logger: Logger): RequestHandler =>
  pinoHttp({
    logger,
    wrapSerializers: false,
    autoLogging: { ignore: (request) => quiet.test(request.url ?? '') },
    customAttributeKeys: { responseTime: 'ms' },
    customSuccessObject: (request, _response, outcome: object) => ({ ...told(request), ...outcome }),
    customErrorObject: (request, _response, _error, outcome: object) => ({ ...told(request), ...outcome }),
    serializers: {
      req: (request: { method?: string }) => ({ method: request.method }),
      res: (response: { statusCode?: number }) => ({ status: response.statusCode }),
      // Told by the problem handler.
      err: () => undefined,
    },
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? 'warn' : 'info'),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
  });
