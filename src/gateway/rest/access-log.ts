import type { RequestHandler } from 'express';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../../kernel/logger.js';
import { visitOf } from './visit.js';

const quiet = /^\/(?:(?:healthz|readyz|metrics)$|assets\/)/;

/** One line a request: what, how it ended, how long. No headers, no body, and no query, which may hold what is searched for. */
export const accessLog = (logger: Logger): RequestHandler =>
  pinoHttp({
    logger,
    quietReqLogger: true,
    wrapSerializers: false,
    autoLogging: { ignore: (request) => quiet.test(request.url ?? '') },
    genReqId: (request) => visitOf(request).origin.request_id,
    customAttributeKeys: { reqId: 'request_id', responseTime: 'ms' },
    customProps: (request) => {
      const visit = visitOf(request);
      return {
        request_id: visit.origin.request_id,
        route: visit.route,
        ...(visit.memberId !== undefined && { member_id: visit.memberId }),
      };
    },
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
