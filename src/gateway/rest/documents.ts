import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';
import type { Catalogue } from '../../catalogue/catalogue.js';
import { asyncApi } from '../documents/asyncapi.js';
import { openApi } from '../documents/openapi.js';
import { reading, takesOnly } from './methods.js';
import { PackedText } from './packed-text.js';
import { securityHeaders } from './security.js';
import { staticFiles } from './static-files.js';
import { visitOf } from './visit.js';

/** What the build took from the viewers' packages: beside the built program, or in `dist/` of a checkout. */
const viewersFolder = (): string => {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const places = ['../../viewers', '../../../dist/viewers'].map((at) => path.resolve(here, at));
  return places.find((at) => existsSync(at)) ?? 'there is none';
};

const html = (title: string, head: string, body: string): string =>
  `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>${head}</head>
<body>${body}</body>
</html>
`;

const swaggerPage = html(
  'Parley API: Swagger UI',
  '<link rel="stylesheet" href="/docs/swagger-ui.css"><link rel="icon" href="/docs/favicon-32x32.png">',
  '<div id="ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>',
);
const swaggerStart = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true, validatorUrl: null });\n`;

const redocPage = html(
  'Parley API: ReDoc',
  '<style>body{margin:0}</style><link rel="icon" href="/docs/favicon-32x32.png">',
  '<div id="doc"></div><script src="/redoc/redoc.standalone.js"></script><script src="/redoc/start.js"></script>',
);
const redocStart = `Redoc.init('/openapi.json', { disableSearch: true, hideLoading: true }, document.getElementById('doc'));\n`;

/** The two API documents, and pages that show the first (where they were built); everything from this server, nothing from elsewhere. */
export const createDocuments = (publicUrl: string | null, { operations, items }: Pick<Catalogue, 'operations' | 'items'>): Router => {
  const documents = express.Router({ caseSensitive: true });
  const viewers = staticFiles(viewersFolder(), () => 'public, max-age=3600');

  const text = (at: string, type: string, content: string): void => {
    const packed = new PackedText(content);
    const tag = `W/"${createHash('sha256').update(content).digest('base64url')}"`;
    documents.get(at, (request, response) => {
      visitOf(request).route = at;
      // With a validator of its own Express answers 304 to whoever has it.
      response.set('Cache-Control', 'no-cache').set('ETag', tag).type(type);
      packed.send(request, response);
    });
    takesOnly(documents, at, reading, at);
  };
  const file = (at: string): void => {
    documents.get(at, (request, response, next) => {
      visitOf(request).route = at;
      viewers.send(request, response, next);
    });
    takesOnly(documents, at, reading, at);
  };

  documents.use(['/docs', '/redoc'], securityHeaders('viewer', publicUrl));
  text('/openapi.json', 'application/json', JSON.stringify(openApi(operations), null, 2));
  text('/asyncapi.json', 'application/json', JSON.stringify(asyncApi(operations, items), null, 2));
  if (viewers.addresses.has('/docs/swagger-ui-bundle.js')) {
    text('/docs', 'text/html', swaggerPage);
    text('/docs/start.js', 'text/javascript', swaggerStart);
  }
  if (viewers.addresses.has('/redoc/redoc.standalone.js')) {
    text('/redoc', 'text/html', redocPage);
    text('/redoc/start.js', 'text/javascript', redocStart);
  }
  for (const at of viewers.addresses) file(at);
  return documents;
};
