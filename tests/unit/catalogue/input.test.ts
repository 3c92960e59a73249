import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { z } from 'zod';
import type { Operation } from '../../../src/catalogue/operation.js';
import { createInputReader } from '../../../src/gateway/rest/input.js';
import { Fault } from '../../../src/kernel/errors.js';
import { look } from './operations.js';

const input = z.strictObject({
  community_id: z.string(),
  limit: z.int().min(1).optional(),
  mine: z.boolean().optional(),
  q: z.string().optional(),
  tags: z.array(z.string()).optional(),
});
const operation = { ...look, input } as unknown as Operation;

let server: Server;
let url: string;

beforeAll(async () => {
  const app = express();
  app.set('query parser', 'simple');
  for (const method of ['get', 'post', 'delete'] as const) {
    const rest = { method, path: '/test/:community_id', status: 200 } as const;
    const read = createInputReader(operation, rest);
    app[method](rest.path, async (request, response) => {
      const answer = await read(request, response).catch((thrown: unknown) => Fault.from(thrown).toJSON());
      response.json(answer);
    });
  }
  server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/test/c1`;
});
afterAll(() => void server.close());

const ask = async (method: string, query = '', body?: string): Promise<Record<string, unknown>> => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url + query, { method, ...(body !== undefined && { body, headers }) });
  return (await response.json()) as Record<string, unknown>;
};
const wrong = (path: string, message: string) => ({ code: 'validation_failed', errors: [{ path, message }] });
const unknown = wrong('', 'has fields that are not known here');

test.each<[string, string, string, string | undefined, Record<string, unknown>]>([
  ['numbers and switches of a query', 'GET', '?limit=5&mine=true&q=7', undefined, { community_id: 'c1', limit: 5, mine: true, q: '7' }],
  ['a body as it is', 'POST', '', '{"limit":5,"q":"7"}', { community_id: 'c1', limit: 5, q: '7' }],
  ['no body at all', 'POST', '', undefined, { community_id: 'c1' }],
  ['a body of DELETE where there are fields for it', 'DELETE', '', '{"q":"x"}', { community_id: 'c1', q: 'x' }],
  ['text where a number belongs in a body, for the schema to refuse', 'POST', '', '{"limit":"5"}', { community_id: 'c1', limit: '5' }],
  ['a number in another spelling', 'GET', '?limit=05', undefined, wrong('limit', 'must be a whole number in plain digits')],
  ['a sign', 'GET', '?limit=+5', undefined, wrong('limit', 'must be a whole number in plain digits')],
  ['an exponent', 'GET', '?limit=1e2', undefined, wrong('limit', 'must be a whole number in plain digits')],
  ['a switch in another spelling', 'GET', '?mine=1', undefined, wrong('mine', 'must be true or false')],
  ['a path parameter once more in the query', 'GET', '?community_id=c2', undefined, unknown],
  ['a path parameter once more in the body', 'POST', '', '{"community_id":"c2"}', unknown],
  ['a field of the body in the query', 'POST', '?q=x', '{}', unknown],
  ['a field that nobody knows', 'GET', '?nothing=1', undefined, unknown],
  ['a list as a body', 'POST', '', '[]', wrong('', 'must be an object')],
])('%s', async (_what, method, query, body, expected) => {
  expect(await ask(method, query, body)).toMatchObject(expected);
});
