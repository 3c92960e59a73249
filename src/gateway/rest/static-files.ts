import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { RequestHandler } from 'express';
import expressStaticGzip from 'express-static-gzip';

const packed = /\.(?:br|gz)$/;

/** A built folder: what is in it, and a handler that sends it. */
export interface StaticFiles {
  /** Addresses, `/assets/index-1a2b.js`. */
  readonly addresses: ReadonlySet<string>;
  readonly send: RequestHandler;
}

/**
 * Sends files with validators, so that whoever has one asks whether it has changed, and packed as the build has left them beside
 * themselves. Only what was there at the start is; the packed files have no addresses of their own.
 */
export const staticFiles = (root: string, cacheControl: (file: string) => string): StaticFiles => {
  const found = existsSync(root) ? readdirSync(root, { recursive: true, withFileTypes: true }) : [];
  const addresses = new Set(
    found
      .filter((entry) => entry.isFile() && !packed.test(entry.name) && !entry.name.startsWith('.'))
      .map((entry) => `/${path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/')}`),
  );
  const send: RequestHandler = expressStaticGzip(root, {
    enableBrotli: true,
    orderPreference: ['br', 'gzip'],
    index: false,
    serveStatic: {
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders: (response, file) => response.setHeader('Cache-Control', cacheControl(file)),
    },
  });
  return { addresses, send: (request, response, next) => (addresses.has(request.path) ? send(request, response, next) : next()) };
};
