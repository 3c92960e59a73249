import { createServer, type Server } from 'node:http';
import type { Express } from 'express';
import { Fault } from '../../kernel/errors.js';
import { answerRaw } from '../raw-answer.js';
import { ArrivingRequest } from './arriving-request.js';
import { holdContinue } from './continue.js';

/**
 * Connections that the system has taken and this process has not: past them it drops a client's first packet, who tries again after
 * 1, 3, 7 and 15 s. A whole crowd of those who lost another node must find place. The system's own bound may be lower.
 */
const backlog = 8_192;

/**
 * The HTTP server for both doors, with bounds on slow clients: headers within 10 s, a whole request within 30 s, no more than
 * 60 s of silence on a connection that is not a WebSocket. `headers` are what every answer has, also those to requests that cannot be
 * parsed, which no door ever sees.
 */
export const createHttpServer = (app: Express, headers: Readonly<Record<string, string>> = {}): Server => {
  const server = createServer(
    {
      IncomingMessage: ArrivingRequest,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 2_000,
      keepAliveTimeout: 20_000,
      maxHeaderSize: 16_384,
      // The entrance asks for one, and answers as it answers everything.
      requireHostHeader: false,
    },
    app,
  );
  // Node would drop the rest without a word; the entrance counts them.
  server.maxHeadersCount = 0;
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    if (error.code === 'ECONNRESET') return void socket.destroy();
    const [status, words] = parserFailures[error.code ?? ''] ?? [400, 'The request is not well-formed HTTP'];
    answerRaw(socket, status, new Fault(status === 408 ? 'timeout' : 'validation_failed', words), headers);
  });
  server.on('connect', (_request, socket) => {
    answerRaw(socket, 405, new Fault('validation_failed', 'This server is no proxy'), {
      ...headers,
      Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE',
    });
  });
  server.on('checkContinue', (request, response) => {
    holdContinue(request);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.writeHead(417, { Connection: 'close' }).end();
  });
  server.setTimeout(60_000);
  return server;
};

const parserFailures: Record<string, [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are larger than this server takes'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come in time'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunks carry more than this server takes'],
};

/** Resolves once connections are accepted; rejects when the port is taken. */
export const listen = (server: Server, at: { port: number; host: string }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: at.port, host: at.host, backlog }, () => {
      server.off('error', reject);
      resolve();
    });
  });

/** Answers requests under way, then closes; what still hangs after a second is cut. Harmless when it never listened. */
export const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1_000).unref();
  });
