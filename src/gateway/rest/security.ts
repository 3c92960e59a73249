import cors from 'cors';
import type { Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** What browsers are told about our answers. */

type Sources = Record<string, string[]>;

const locked: Sources = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"], 'form-action': ["'none'"] };

const ownPage = (publicUrl: string | null): Sources => ({
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'font-src': ["'self'"],
  // An address of a picture is what a member wrote: no reader's browser asks another host for it.
  'img-src': ["'self'", 'data:'],
  // `self` covers a WebSocket of the same origin in current browsers; older ones want it named.
  'connect-src': ["'self'", ...(publicUrl === null ? [] : [publicUrl.replace(/^http/, 'ws')])],
  'manifest-src': ["'self'"],
  'worker-src': ["'self'"],
  'frame-ancestors': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'object-src': ["'none'"],
});

/** The documents' viewers put style elements into the page; no script but our own runs there either. */
const viewer = (publicUrl: string | null): Sources => ({
  ...ownPage(publicUrl),
  'style-src': ["'self'", "'unsafe-inline'"],
  'worker-src': ["'self'", 'blob:'],
});

export type Surface = 'api' | 'page' | 'viewer';

/** Security headers for one kind of answer. A later call overrides an earlier one. */
export const securityHeaders = (surface: Surface, publicUrl: string | null): RequestHandler => {
  const directives = surface === 'api' ? locked : surface === 'page' ? ownPage(publicUrl) : viewer(publicUrl);
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    // Only an installation that is reached by https may promise to stay so.
    strictTransportSecurity: publicUrl?.startsWith('https:') ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
};

/** The API's headers as they are written, for answers that no response object carries. */
export const securityHeaderLines = (publicUrl: string | null): Record<string, string> => {
  const lines: Record<string, string> = {};
  const response = { setHeader: (name: string, value: string) => (lines[name] = value), removeHeader: () => undefined };
  securityHeaders('api', publicUrl)({} as Request, response as unknown as Response, () => undefined);
  return lines;
};

/** Pages of other origins: exactly the ones that are listed, and never with credentials (there are none but the token). */
export const crossOrigin = (origins: readonly string[]): RequestHandler =>
  cors({
    origin: (origin, answer) => answer(null, origin !== undefined && origins.includes(origin)),
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'X-Request-Id'],
    exposedHeaders: ['X-Request-Id', 'Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset', 'RateLimit-Policy'],
    credentials: false,
    maxAge: 600,
  });
