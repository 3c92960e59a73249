import fc, { type Arbitrary } from 'fast-check';
import { type Part, parts } from './cast.js';
import type { Documents, Operation } from './documents.js';
import { fitting, hostile, hostileText, mutated, mutation, type Sources } from './values.js';

/** One request, as it goes over the wire. `as` brings the token. */
export interface RestCase {
  operation: string;
  as: Part;
  method: string;
  path: string;
  headers: [string, string][];
  /** Latin 1: one character a byte. */
  body: string | null;
  /** So many bytes fewer are sent than the head says, and the connection ends. */
  cut: number;
}

const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const often = <T>(usual: Arbitrary<T>, seldom: Arbitrary<T>, weight = 6): Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: seldom });

const inPath = (text: string): string => encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'));
const rawInPath = fc.constantFrom('..', '%2e%2e%2f', '%00', '%ff', '%', 'a%2fb', '%u0000', ';x=1', '*', '%F0%9F%98');

const pathOf = ({ path, parameters, kind }: Operation, sources: Sources): Arbitrary<string> => {
  const inside = parameters.filter((one) => one.in === 'path');
  const values = inside.map(({ name, schema }) =>
    often(
      fitting(schema, sources, name === 'id' ? kind : name).map((value) => inPath(String(value))),
      fc.oneof(hostileText.map(inPath), rawInPath),
      8,
    ),
  );
  return fc.tuple(...values).map((chosen) => inside.reduce((whole, { name }, i) => whole.replace(`{${name}}`, () => chosen[i]!), path));
};

const queryOf = ({ parameters }: Operation, sources: Sources): Arbitrary<string> => {
  const inside = parameters.filter((one) => one.in === 'query');
  const pairs = inside.map(({ name, schema, required }) =>
    fc.option(
      often(fitting(schema, sources), hostile).map(
        (value) => `${name}=${inPath(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
      ),
      { nil: null, freq: required ? 12 : 2 },
    ),
  );
  const odd = fc.constantFrom(
    'limit=1&limit=2',
    'a[$gt]=',
    'q[]=x',
    '__proto__=1',
    '__proto__[a]=1',
    '&&==',
    '%',
    `${'a=1&'.repeat(300)}`,
    'cursor=%00',
  );
  return fc.tuple(fc.tuple(...pairs), often(fc.constant(''), odd, 8)).map(([chosen, more]) => {
    const query = [...chosen.filter((pair) => pair !== null), more].filter((part) => part !== '').join('&');
    return query === '' ? '' : `?${query}`;
  });
};

const brokenJson = fc.constantFrom(
  ...[
    '',
    '{',
    '[',
    '{"a":1,}',
    "{'a':1}",
    'null',
    '1',
    '"x"',
    '[]',
    '\ufeff{}',
    '{"a":NaN}',
    '{"a":1}{"a":2}',
    '{"__proto__":{"a":1}}',
    '\u0000',
    'a=1',
  ],
  ...[
    '{"content":"a","content":"b"}',
    `{"content":"\\ud800"}`,
    `${'['.repeat(5_000)}`,
    `{"a":${'1'.repeat(5_000)}}`,
    '{"a":1e999}',
    '{"constructor":{"prototype":{}}}',
  ],
);

const bodyOf = ({ body }: Operation, sources: Sources): Arbitrary<string | null> => {
  if (body === null) return often(fc.constant(null), brokenJson.map(bytesOf), 12);
  const fit = fitting(body, sources);
  return fc.oneof(
    { weight: 5, arbitrary: fit.map((value) => bytesOf(JSON.stringify(value))) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(fit, fc.array(mutation, { minLength: 1, maxLength: 3 }))
        .map(([value, how]) => bytesOf(JSON.stringify(mutated(value, how)) ?? '')),
    },
    {
      weight: 1,
      arbitrary: fc.oneof(
        brokenJson.map(bytesOf),
        fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      ),
    },
  );
};

const json: [string, string] = ['content-type', 'application/json'];
const oddHeaders: [string, string][][] = [
  ...[
    'text/plain',
    'application/xml',
    'multipart/form-data',
    'application/x-www-form-urlencoded',
    'application/json; charset=utf-16',
    'application/json; charset=x',
    '',
  ].map((type): [string, string][] => [['content-type', type]]),
  ...['gzip', 'deflate', 'br', 'identity', 'compress', 'gzip, gzip'].map((coding): [string, string][] => [
    json,
    ['content-encoding', coding],
  ]),
  [json, ['authorization', 'Bearer x']],
  [json, ['authorization', 'Basic eDp5']],
  [json, ['authorization', `Bearer ${'a.'.repeat(2_000)}`]],
  [json, json],
  [json, ['host', 'evil.example'], ['x-forwarded-host', 'evil.example']],
  [json, ['x-forwarded-for', '1.2.3.4, 5.6.7.8:99, unknown, ::1'], ['forwarded', 'for="[::1]:9"']],
  [json, ['accept', 'text/html'], ['accept-encoding', 'gzip;q=0, *;q=x']],
  [json, ['if-none-match', '*'], ['range', 'bytes=0-1'], ['expect', '100-continue']],
  [json, ['x-http-method-override', 'DELETE'], ['x-request-id', 'a\tb'], ['origin', 'null']],
  [json, ...Array.from({ length: 60 }, (_, i): [string, string] => [`x-${i}`, 'x'.repeat(20)])],
];
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND', 'QUERY'];

export const restCases = (documents: Documents, ids: Sources['ids']): Arbitrary<RestCase> => {
  const sources: Sources = { ids, resolve: (ref) => documents.resolve(ref, 'rest') };
  return fc.oneof(
    ...documents.operations.map((operation) =>
      fc
        .record({
          as: fc.constantFrom<Part>('owner', 'owner', 'member', 'member', ...parts),
          method: often(fc.constant(operation.method), fc.constantFrom(...methods), 15),
          path: pathOf(operation, sources),
          query: queryOf(operation, sources),
          headers: often<[string, string][]>(fc.constant<[string, string][]>([json]), fc.constantFrom(...oddHeaders), 10),
          body: bodyOf(operation, sources),
          cut: often(fc.constant(0), fc.integer({ min: 1, max: 100 }), 40),
        })
        .map(({ path, query, ...rest }): RestCase => ({ operation: operation.name, path: `${path}${query}`, ...rest })),
    ),
  );
};
