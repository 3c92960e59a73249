import { existsSync } from 'node:fs';
import path from 'node:path';
import express, { type Router } from 'express';
import { securityHeaders } from './security.js';
import { visitOf } from './visit.js';

/** Addresses that the page itself understands; each is answered with its one document. */
const pages = ['/', '/c/*rest'];

/** The built web page. Without one (nothing was built) its addresses are not there. */
export const createWebPage = (webRoot: string, publicUrl: string | null): Router => {
  const web = express.Router({ caseSensitive: true });
  const root = path.resolve(webRoot);
  const index = path.join(root, 'index.html');
  web.use(securityHeaders('page', publicUrl));
  web.get(pages, (request, response, next) => {
    if (!existsSync(index)) return next();
    visitOf(request).route = 'page';
    response.sendFile(index, { cacheControl: false, headers: { 'Cache-Control': 'no-cache' } }, (error) => error && next(error));
  });
  const assets = path.join(root, 'assets') + path.sep;
  web.use(
    express.static(root, {
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders: (response, file) => {
        // The build puts a hash of the content into the names below assets/.
        response.setHeader('Cache-Control', file.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  return web;
};
