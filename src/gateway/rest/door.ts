import express, { type Express } from 'express';
import type { Catalogue } from '../../catalogue/catalogue.js';
import type { Invoke } from '../../catalogue/invoke.js';
import type { Clock } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import { createAddressReader, type ForwardedHeader } from '../address.js';
import type { Authenticator, Limiter } from '../ports.js';
import { accessLog } from './access-log.js';
import { createApi } from './api.js';
import { compressed } from './compressed.js';
import { createDocuments } from './documents.js';
import { createEntrance, type Entrance } from './entrance.js';
import { createProbes, type Readiness } from './probes.js';
import { problemHandler, sendProblem } from './problems.js';
import { crossOrigin, securityHeaders } from './security.js';
import { beginVisit } from './visit.js';
import { createWebPage } from './web-page.js';

export interface RestDoorParts {
  catalogue: Catalogue;
  invoke: Invoke;
  authenticator: Authenticator;
  limiter: Limiter;
  clock: Clock;
  logger: Logger;
  telemetry: Telemetry;
  readiness: Readiness;
  /** The `http` part of the configuration. */
  http: {
    publicUrl: string | null;
    corsOrigins: readonly string[];
    trustProxy: number | readonly string[];
    forwardedHeader: ForwardedHeader;
    allowedHosts: readonly string[];
    /** Where it listens. */
    host: string;
    metricsToken: string | null;
    webRoot: string;
  };
}

/** The REST door with the documents, the probes and the web page. No request, whatever it holds, ends the process. */
export const createRestDoor = (parts: RestDoorParts): { app: Express; entrance: Entrance } => {
  const { http, logger } = parts;
  const entrance = createEntrance({ ...http, listensAt: http.host });
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');

  app.use(beginVisit({ ...parts, addressOf: createAddressReader(http.trustProxy, http.forwardedHeader) }));
  app.use(accessLog(logger));
  app.use(securityHeaders('api', http.publicUrl));
  app.use((request, response, next) => {
    const refusal = entrance(request);
    if (!refusal) return next();
    response.set(refusal.headers ?? {});
    sendProblem(request, response, refusal.fault, refusal.status);
  });
  app.use(createProbes({ ...parts, metricsToken: http.metricsToken }));
  app.use('/api', crossOrigin(http.corsOrigins), (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  // Not the page and the documents, which are packed once: else each who asks could have them packed anew.
  app.use('/api', compressed());
  app.use('/api', createApi(parts));
  app.use('/api', (request, response) => sendProblem(request, response, nothingHere()));
  app.use(createDocuments(http.publicUrl, parts.catalogue));
  app.use(createWebPage(http.webRoot, http.publicUrl));
  app.use((request, response) => sendProblem(request, response, nothingHere()));
  app.use(problemHandler(logger));
  return { app, entrance };
};

const nothingHere = (): Fault => new Fault('not_found', 'There is nothing at this address');
