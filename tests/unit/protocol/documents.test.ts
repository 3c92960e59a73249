import { Parser } from '@asyncapi/parser';
import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { heedsWhom, isOpen } from '../../../src/authority/allow.js';
import { Catalogue, fieldsOfPath, waysOf } from '../../../src/catalogue/catalogue.js';
import { type Operation, opensAt } from '../../../src/catalogue/operation.js';
import { features } from '../../../src/features/index.js';
import { asyncApi } from '../../../src/gateway/documents/asyncapi.js';
import { openApi } from '../../../src/gateway/documents/openapi.js';
import { serverEvents } from '../../../src/protocol/events.js';

const operations: Operation[] = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
const { items } = new Catalogue(features);

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

  it('has every way of every operation, with its parameters, body and answer; the first is named', () => {
    let ways = 0;
    for (const stated of operations.filter((each) => opensAt(each, 'rest'))) {
      const { name, rest, input, allow, tag, limit } = stated;
      for (const [n, way] of waysOf(stated).entries()) {
        ways++;
        const path = `/api${way.path}`.replace(/:([a-z_]+)/g, '{$1}');
        const operation = at(document, 'paths', path, way.method);
        expect(operation?.operationId).toBe(n === 0 ? name : undefined);
        expect(operation.tags).toEqual([tag]);
        expect(operation.description).toContain(`Limit \`${limit}\``);
        if (n > 0) expect(operation.description).toContain(`The same as \`${rest?.method.toUpperCase()} ${rest?.path}\`.`);
        const inPath = fieldsOfPath(way.path);
        const parameters = (operation.parameters ?? []) as unknown as { name: string; in: string; schema: Json }[];
        expect(
          parameters
            .filter((p) => p.in === 'path')
            .map((p) => p.name)
            .sort(),
        ).toEqual([...inPath].sort());
        for (const parameter of parameters) expect(Object.keys(parameter.schema)).not.toEqual([]);
        const others = Object.keys(input.shape).filter((field) => !inPath.includes(field));
        const body = at(operation, 'requestBody', 'content', 'application/json', 'schema');
        const asked =
          way.method === 'get' ? parameters.filter((p) => p.in === 'query').map((p) => p.name) : Object.keys(body?.properties ?? {});
        expect([name, asked.sort()]).toEqual([name, others.sort()]);
        const status = String(rest?.status);
        expect(at(operation, 'responses', status)).toBeDefined();
        if (rest?.alsoStatus) expect(at(operation, 'responses', String(rest.alsoStatus))).toBeDefined();
        if (status !== '204') expect(at(operation, 'responses', status, 'content', 'application/json', 'schema')).toBeDefined();
        const securities = !isOpen(allow) ? 1 : heedsWhom(allow) ? 2 : 0;
        expect((operation.security as unknown as unknown[]).length).toBe(securities);
      }
    }
    const shown = Object.entries(at(document, 'paths')).filter(([path]) => path.startsWith('/api/'));
    expect(shown.flatMap(([, methods]) => Object.keys(methods))).toHaveLength(ways);
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
  const document = asyncApi(operations, items);

  it('is valid AsyncAPI 3.0', async () => {
    const diagnostics = await new Parser().validate(JSON.stringify(document));
    expect(diagnostics.filter((found) => found.severity <= 1).map((found) => `${found.path.join('.')}: ${found.message}`)).toEqual([]);
  });

  it('has everything that a socket may ask for, by each name, and every event, acknowledgements included', () => {
    const messages = at(document, 'channels', 'root', 'messages');
    const known = new Set<string>();
    for (const { name: first, also = [], input, answer, wrapped } of operations.filter((each) => opensAt(each, 'socket'))) {
      for (const name of [first, ...also]) {
        known.add(name);
        expect(at(document, 'operations', name, 'action')).toBe('receive');
        expect(messages[name]?.name).toBe(name);
        expect(Object.keys(at(messages, name, 'payload', 'properties') ?? {}).sort()).toEqual(Object.keys(input.shape).sort());
        const ack = at(messages, `${name}.ack`, 'payload');
        expect(JSON.stringify(ack)).toContain('"#/components/schemas/SocketError"');
        const data = at((ack.anyOf as unknown as Json[])[0], 'properties', 'data');
        if (wrapped !== undefined) expect(Object.keys(data.properties ?? {})).toEqual([wrapped]);
        if (answer.def.type === 'undefined') expect(data).toMatchObject({ type: 'object', properties: {} });
      }
    }
    expect(known).toContain('subscribe_thread');
    const received = Object.entries(at(document, 'operations')).filter(([, { action }]) => (action as unknown) === 'receive');
    expect(new Set(received.map(([name]) => name))).toEqual(known);
    for (const name of Object.keys(serverEvents)) {
      expect(at(document, 'operations', `${name}.event`, 'action')).toBe('send');
      expect(messages[`${name}.event`]?.name).toBe(name);
    }
    expect(dangling(document)).toEqual([]);
  });

  it('has every kind of items that ledgers hold', () => {
    const told = String(at(document, 'operations', 'ledger_changed.event', 'description'));
    expect(items.length).toBeGreaterThan(0);
    for (const { kind, summary } of items) {
      expect(told).toContain(`\`${kind}\``);
      const schema = at(document, 'components', 'schemas', `Item.${kind}`);
      expect(schema.description).toBe(summary);
      expect(Object.keys(schema.properties ?? {})).toEqual(['kind', 'key', 'rev', 'value']);
    }
  });

  it('has the packet of several events, for those who ask for it', () => {
    expect(at(document, 'operations', 'batch.event', 'action')).toBe('send');
    expect(String(at(document, 'servers', 'parley', 'description'))).toContain('pack?: 1');
  });
});
