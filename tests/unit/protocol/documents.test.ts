import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { features } from '../../../src/features/index.js';
import { asyncApi } from '../../../src/gateway/documents/asyncapi.js';
import { openApi } from '../../../src/gateway/documents/openapi.js';
import { clientEvents, serverEvents } from '../../../src/protocol/events.js';
import { type Route, routes } from '../../../src/protocol/routes.js';

const operations = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));

type Json = { [key: string]: Json };
const at = (document: unknown, ...path: string[]): Json => path.reduce((place, key) => place?.[key] as Json, document as Json);

/** Every reference of a document, and whether something is there. */
const dangling = (document: unknown): string[] => {
  const found = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
  return found.filter((ref) => !ref.startsWith('#/') || at(document, ...ref.slice(2).split('/')) === undefined);
};

describe('OpenAPI', () => {
  const document = openApi(operations);

  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('has every route, with its parameters, body and answer', () => {
    for (const [name, route] of Object.entries<Route>(routes)) {
      const path = `/api${route.path}`.replace(/:([a-z_]+)/g, '{$1}');
      const operation = at(document, 'paths', path, route.method);
      expect(operation?.operationId).toBe(name);
      const inPath = [...route.path.matchAll(/:([a-z_]+)/g)].map((match) => match[1]);
      const parameters = (operation.parameters ?? []) as unknown as { name: string; in: string; schema: Json }[];
      expect(parameters.filter((p) => p.in === 'path').map((p) => p.name)).toEqual(inPath);
      for (const parameter of parameters) expect(Object.keys(parameter.schema)).not.toEqual([]);
      expect(at(operation, 'responses', String(route.status))).toBeDefined();
      if (route.status !== 204)
        expect(at(operation, 'responses', String(route.status), 'content', 'application/json', 'schema')).toBeDefined();
      expect((operation.security as unknown as unknown[]).length).toBe({ anyone: 0, sign_up: 2 }[route.permission as string] ?? 1);
    }
  });

  it('describes every failure as a problem and refers to nothing that is not there', () => {
    for (const response of Object.values(at(document, 'components', 'responses'))) {
      expect(at(response, 'content', 'application/problem+json', 'schema', '$ref')).toBe('#/components/schemas/Problem');
    }
    expect(dangling(document)).toEqual([]);
    expect(Object.keys(at(document, 'components', 'schemas'))).toEqual(expect.arrayContaining(['Problem', 'Message', 'Thread', 'Self']));
  });

  it('says that unknown fields are refused', () => {
    const schema = at(document, 'paths', '/api/auth/register', 'post', 'requestBody', 'content', 'application/json', 'schema');
    expect(schema.additionalProperties).toBe(false);
  });
});

describe('AsyncAPI', () => {
  const document = asyncApi(operations);

  it('is valid AsyncAPI 3.0', async () => {
    const diagnostics = await new Parser().validate(JSON.stringify(document));
    expect(diagnostics.filter((found) => found.severity <= 1).map((found) => `${found.path.join('.')}: ${found.message}`)).toEqual([]);
  });

  it('has every event of both directions, acknowledgements included', () => {
    const messages = at(document, 'channels', 'root', 'messages');
    for (const name of Object.keys(clientEvents)) {
      expect(at(document, 'operations', name, 'action')).toBe('receive');
      expect(messages[name]?.name).toBe(name);
      const ack = at(messages, `${name}.ack`, 'payload');
      expect(JSON.stringify(ack)).toContain('"#/components/schemas/SocketError"');
    }
    for (const name of Object.keys(serverEvents)) {
      expect(at(document, 'operations', `${name}.event`, 'action')).toBe('send');
      expect(messages[`${name}.event`]?.name).toBe(name);
    }
    expect(dangling(document)).toEqual([]);
  });

  it('has the packet of several events, for those who ask for it', () => {
    expect(at(document, 'operations', 'batch.event', 'action')).toBe('send');
    expect(String(at(document, 'servers', 'parley', 'description'))).toContain('pack?: 1');
  });
});
