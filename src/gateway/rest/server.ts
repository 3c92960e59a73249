import { createServer, type Server } from 'node:http';
import type { Express } from 'express';

/**
 * Connections that the system has taken and this process has not: past them it drops a client's first packet, who tries again after
 * 1, 3, 7 and 15 s. A whole crowd of those who lost another node must find place. The system's own bound may be lower.
 */
const backlog = 8_192;

/**
 * The HTTP server for both doors, with bounds on slow clients: headers within 10 s, a whole request within 30 s, no more than
 * 60 s of silence on a connection that is not a WebSocket.
 */
export const createHttpServer = (app: Express): Server => {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 2_000, keepAliveTimeout: 20_000, maxHeaderSize: 16_384 },
    app,
  );
  server.maxHeadersCount = 100;
  server.setTimeout(60_000);
  return server;
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
