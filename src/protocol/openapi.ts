import type { z } from 'zod';
import { type ErrorCode, errorTable } from '../kernel/errors.js';
import { limits, permissions } from './access.js';
import { bodyBytesOf } from './body-bytes.js';
import { problem } from './problem.js';
import { isEmpty, type Route, routes } from './routes.js';
import { type JsonSchema, SchemaComponents } from './schema-components.js';
import { contractVersion } from './version.js';

const answersNothing = (schema: z.ZodType): boolean => schema.def.type === 'undefined';

const asksForPassword = (route: Route): boolean => (route.body as Partial<z.ZodObject>).shape?.password !== undefined;

/** The ways in which a route can fail; any may also be too busy or time out. */
const failuresOf = (route: Route): ErrorCode[] => {
  const codes: ErrorCode[] = ['validation_failed', 'rate_limited', 'overloaded', 'timeout'];
  if (route.permission !== 'anyone' || route.path.startsWith('/auth/')) codes.push('unauthenticated');
  if (!['anyone', 'signed_in'].includes(route.permission) || asksForPassword(route)) codes.push('forbidden');
  if (!isEmpty(route.params)) codes.push('not_found');
  if (!isEmpty(route.body)) codes.push('payload_too_large');
  const collides = route.status === 201 || ['put', 'patch', 'delete'].includes(route.method) || route.permission === 'community_join';
  if (collides) codes.push('conflict');
  return codes.sort((a, b) => errorTable[a].status - errorTable[b].status);
};

const headersOfLimit = {
  'RateLimit-Limit': { description: 'Points in the window', schema: { type: 'integer' } },
  'RateLimit-Remaining': { description: 'Points left', schema: { type: 'integer' } },
  'RateLimit-Reset': { description: 'Seconds until the window ends', schema: { type: 'integer' } },
};

const failure = (status: number): JsonSchema => {
  const codes = Object.entries(errorTable).filter(([, error]) => error.status === status);
  const retry = { 'Retry-After': { description: 'Seconds', schema: { type: 'integer' } } };
  return {
    description: codes.map(([code, error]) => `\`${code}\`: ${error.title}`).join('; '),
    ...((status === 429 || status === 503) && { headers: status === 429 ? { ...retry, ...headersOfLimit } : retry }),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
};

/** HTTP's own word for a body that is not JSON in UTF-8, or is compressed; the code stays that of the table. */
const unsupportedMedia: JsonSchema = {
  ...failure(400),
  description: '`validation_failed`: the body is not application/json in UTF-8, or compressed',
};

const operation = (name: string, route: Route, components: SchemaComponents): JsonSchema => {
  const limit = limits[route.limit];
  const done = { description: 'Done', headers: headersOfLimit };
  const success = answersNothing(route.answer)
    ? done
    : { ...done, description: 'The answer', content: { 'application/json': { schema: components.of(route.answer, 'output') } } };
  const failures = failuresOf(route).map((code) => errorTable[code].status);
  const parameters = [...components.parameters(route.params, 'path'), ...components.parameters(route.query, 'query')];
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    description: `For: ${permissions[route.permission]}.${isEmpty(route.body) ? '' : ` Body: up to ${bodyBytesOf(route)} bytes.`} Limit \`${route.limit}\`: ${limit.points} in ${limit.seconds} s by ${limit.by}.`,
    security: { anyone: [], sign_up: [{}, { access_token: [] }] }[route.permission as string] ?? [{ access_token: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(!isEmpty(route.body) && {
      requestBody: {
        required: !route.body.safeParse({}).success,
        content: { 'application/json': { schema: components.of(route.body, 'input') } },
      },
    }),
    responses: {
      [route.status]: success,
      ...(route.alsoStatus && {
        [route.alsoStatus]: { ...success, description: 'The same had been done before; this is what came of it' },
      }),
      ...(!isEmpty(route.body) && { 415: { $ref: '#/components/responses/Error415' } }),
      ...Object.fromEntries(failures.map((status) => [status, { $ref: `#/components/responses/Error${status}` }])),
    },
  };
};

const probe = (summary: string): JsonSchema => ({
  get: {
    tags: ['operation'],
    summary,
    security: [],
    responses: { 200: { description: 'Yes' }, 503: { $ref: '#/components/responses/Error503' } },
  },
});

/** The REST door as an OpenAPI 3.1 document, made from the table that the door itself is made from. */
export const openApi = (): JsonSchema => {
  const components = new SchemaComponents('draft-2020-12');
  components.of(problem, 'output');
  const paths: Record<string, JsonSchema> = {};
  for (const [name, route] of Object.entries<Route>(routes)) {
    const path = `/api${route.path}`.replace(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(name, route, components) };
  }
  const statuses = [...new Set(Object.values(errorTable).map((error) => error.status))];
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: contractVersion,
      description:
        'Communities, threads and messages over REST. The live side is Socket.IO: see /asyncapi.json. Unknown fields are refused. ' +
        'Lists answer `{items, next_cursor}`; pass `next_cursor` back as `cursor`. What one may not know of is `not_found`.',
    },
    tags: [...new Set(Object.values<Route>(routes).map((route) => route.tag)), 'operation'].map((tag) => ({ name: tag })),
    paths: {
      ...paths,
      '/healthz': probe('Whether the process is alive'),
      '/readyz': probe('Whether store, Redis and slot ownership are in order'),
    },
    components: {
      securitySchemes: { access_token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      responses: { ...Object.fromEntries(statuses.map((status) => [`Error${status}`, failure(status)])), Error415: unsupportedMedia },
      schemas: components.all,
    },
  };
};
