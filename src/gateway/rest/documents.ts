import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Router } from 'express';
import { asyncApi } from '../../protocol/asyncapi.js';
import { openApi } from '../../protocol/openapi.js';
import { securityHeaders } from './security.js';
import { visitOf } from './visit.js';

const require = createRequire(import.meta.url);

/** ReDoc's bundle: `redoc/` of the built program, or in the packages of a checkout (it is not among those of production). */
const redocBundle = (): string | undefined => {
  for (const up of ['.', '..', '../..', '../../..']) {
    const built = path.resolve(path.dirname(fileURLToPath(import.meta.url)), up, 'redoc/redoc.standalone.js');
    if (existsSync(built)) return built;
  }
  try {
    return require.resolve('redoc/bundles/redoc.standalone.js');
  } catch {
    return undefined;
  }
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

const swaggerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** The two API documents, and pages that show the first; everything from this server, nothing from elsewhere. */
export const createDocuments = (publicUrl: string | null): Router => {
  const documents = express.Router({ caseSensitive: true });
  const openText = JSON.stringify(openApi(), null, 2);
  const asyncText = JSON.stringify(asyncApi(), null, 2);
  const swagger = path.dirname(require.resolve('swagger-ui-dist/package.json'));
  const redoc = redocBundle();

  const text = (at: string, type: string, content: string): void => {
    documents.get(at, (request, response) => {
      visitOf(request).route = at;
      response.set('Cache-Control', 'no-cache').type(type).send(content);
    });
  };
  const file = (at: string, where: string): void => {
    documents.get(at, (request, response, next) => {
      visitOf(request).route = at;
      response.sendFile(where, { maxAge: '1h' }, (error) => error && next(error));
    });
  };

  text('/openapi.json', 'application/json', openText);
  text('/asyncapi.json', 'application/json', asyncText);
  documents.use(['/docs', '/redoc'], securityHeaders('viewer', publicUrl));
  text('/docs', 'text/html', swaggerPage);
  text('/docs/start.js', 'text/javascript', swaggerStart);
  for (const name of swaggerFiles) file(`/docs/${name}`, path.join(swagger, name));
  if (redoc !== undefined) {
    text('/redoc', 'text/html', redocPage);
    text('/redoc/start.js', 'text/javascript', redocStart);
    file('/redoc/redoc.standalone.js', redoc);
  }
  return documents;
};
