import { constants } from 'node:zlib';
import compression from 'compression';
import type { RequestHandler } from 'express';

/** What fits one packet of the network gains nothing. */
const leastBytes = 1_024;

/**
 * Packs the API's answers while they are sent: brotli at a quality that costs little more than gzip, in a window of
 * 256 KB, since each answer under way has one. Only what is asked for by GET, and nothing of `/auth`: an answer that
 * holds a token is never packed beside text that somebody else may have chosen, so its size tells nothing of the token
 * (BREACH).
 */
export const compressed = (): RequestHandler =>
  compression({
    threshold: leastBytes,
    brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 } },
    filter: (request, response) =>
      request.method === 'GET' && !request.originalUrl.startsWith('/api/auth/') && compression.filter(request, response),
  });
