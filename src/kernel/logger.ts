import { type DestinationStream, type Logger, pino } from 'pino';
import { currentScope } from './scope.js';

export type { Logger };

/**
 * JSON lines on standard output. Every line carries the scope it was written in (request id, member, actor). Message text,
 * passwords and tokens are never handed to the logger; the redaction below is the second fence, not the first.
 */
export const createLogger = (options: { level: string; node: string }, destination?: DestinationStream): Logger =>
  pino(
    {
      level: options.level,
      base: { node: options.node },
      timestamp: pino.stdTimeFunctions.isoTime,
      // A copy: the line's own fields are merged into what this answers, and a scope is shared and may be frozen.
      mixin: () => ({ ...currentScope() }),
      redact: {
        paths: [
          'password',
          '*.password',
          'token',
          '*.token',
          'access_token',
          '*.access_token',
          'refresh_token',
          '*.refresh_token',
          'content',
          '*.content',
          'authorization',
          '*.authorization',
          'req.headers.authorization',
          'req.headers.cookie',
        ],
        censor: '[redacted]',
      },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );
