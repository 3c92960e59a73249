import path from 'node:path';
import express, { type Router } from 'express';
import { reading, takesOnly } from './methods.js';
import { securityHeaders } from './security.js';
import { staticFiles } from './static-files.js';
import { visitOf } from './visit.js';

/** An invite, in the letters of which codes are made: of one that lets nobody in (any more) the page says so. */
const invite = /^\/invites\/[A-Za-z0-9_-]{1,64}$/;
/** Addresses that the page itself understands; each is answered with its one document. */
const pages = ['/', '/c/*rest', invite];
const document = '/index.html';

/** The built web page. Without one (nothing was built) its addresses are not there. */
export const createWebPage = (webRoot: string, publicUrl: string | null): Router => {
  const web = express.Router({ caseSensitive: true });
  const root = path.resolve(webRoot);
  const assets = path.join(root, 'assets') + path.sep;
  // The build puts a hash of the content into the names below assets/.
  const files = staticFiles(root, (file) => (file.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache'));
  if (!files.addresses.has(document)) return web;
  web.use(securityHeaders('page', publicUrl));
  // Who holds the address may come in: no list of a search engine has it.
  web.get(invite, (_request, response, next) => {
    response.setHeader('X-Robots-Tag', 'noindex, nofollow');
    next();
  });
  web.get(pages, (request, response, next) => {
    visitOf(request).route = 'page';
    request.url = document;
    files.send(request, response, next);
  });
  web.get('/*file', files.send);
  takesOnly(web, pages, reading, 'page');
  const others = express.Router();
  takesOnly(others, '/*file', reading);
  web.use((request, response, next) => (files.addresses.has(request.path) ? others(request, response, next) : next()));
  return web;
};
