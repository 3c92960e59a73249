import type { z } from 'zod';
import type { Operation } from '../../catalogue/operation.js';
import { type ErrorCode, errorTable } from '../../kernel/errors.js';
import { limits } from '../../protocol/access.js';
import { isEmpty } from '../../protocol/body-bytes.js';
import { problem } from '../../protocol/problem.js';
import { contractVersion } from '../../protocol/version.js';
import { type RestView, restViews } from './rest-view.js';
import { type JsonSchema, SchemaComponents } from './schema-components.js';

const answersNothing = (schema: z.ZodType): boolean => schema.def.type === 'undefined';

const asksForPassword = (view: RestView): boolean => (view.body as Partial<z.ZodObject>).shape?.password !== undefined;

/** The ways in which it can fail; any may also be too busy or time out. */
const failuresOf = (view: RestView): ErrorCode[] => {
  const codes: ErrorCode[] = ['validation_failed', 'rate_limited', 'overloaded', 'timeout'];
  if (view.token !== 'none' || view.path.startsWith('/auth/')) codes.push('unauthenticated');
  if (view.refuses || asksForPassword(view)) codes.push('forbidden');
  if (!isEmpty(view.params)) codes.push('not_found');
  if (!isEmpty(view.body)) codes.push('payload_too_large');
  if (view.collides) codes.push('conflict');
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

const operation = (view: RestView, components: SchemaComponents): JsonSchema => {
  const limit = limits[view.limit];
  const done = { description: 'Done', headers: headersOfLimit };
  const success = answersNothing(view.answer)
    ? done
    : { ...done, description: 'The answer', content: { 'application/json': { schema: components.of(view.answer, 'output') } } };
  const failures = failuresOf(view).map((code) => errorTable[code].status);
  const parameters = [...components.parameters(view.params, 'path'), ...components.parameters(view.query, 'query')];
  return {
    ...(view.name !== null && { operationId: view.name }),
    tags: [view.tag],
    summary: view.summary,
    description: [
      ...(view.sameAs === null ? [] : [`The same as \`${view.sameAs}\`.`]),
      `For: ${view.forWhom}.`,
      ...(isEmpty(view.body) ? [] : [`Body: up to ${view.bodyBytes} bytes.`]),
      `Limit \`${view.limit}\`: ${limit.points} in ${limit.seconds} s by ${limit.by}.`,
    ].join(' '),
    security: { none: [], 'of use': [{}, { access_token: [] }], needed: [{ access_token: [] }] }[view.token],
    ...(parameters.length > 0 && { parameters }),
    ...(!isEmpty(view.body) && {
      requestBody: {
        required: !view.body.safeParse({}).success,
        content: { 'application/json': { schema: components.of(view.body, 'input') } },
      },
    }),
    responses: {
      [view.status]: success,
      ...(view.alsoStatus && {
        [view.alsoStatus]: { ...success, description: 'The same had been done before; this is what came of it' },
      }),
      ...(!isEmpty(view.body) && { 415: { $ref: '#/components/responses/Error415' } }),
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
export const openApi = (operations: readonly Operation[]): JsonSchema => {
  const views = restViews(operations);
  const components = new SchemaComponents('draft-2020-12');
  components.of(problem, 'output');
  const paths: Record<string, JsonSchema> = {};
  for (const view of views) {
    const path = `/api${view.path}`.replace(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [view.method]: operation(view, components) };
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
    tags: [...new Set(views.map(({ tag }) => tag)), 'operation'].map((tag) => ({ name: tag })),
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
