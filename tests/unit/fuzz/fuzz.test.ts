import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Documents, type Json } from '../../../proof/fuzz/documents.js';
import { judgeAcknowledgement, judgeAnswer } from '../../../proof/fuzz/judge.js';
import { BadArguments, parseFuzzArguments } from '../../../proof/fuzz/options.js';
import { type RestCase, restCases } from '../../../proof/fuzz/rest-cases.js';
import { growthOf } from '../../../proof/fuzz/run.js';
import { socketCases } from '../../../proof/fuzz/socket-cases.js';
import { fitting, mutated, mutation } from '../../../proof/fuzz/values.js';
import { type Door, type Operation, opensAt } from '../../../src/catalogue/operation.js';
import { features } from '../../../src/features/index.js';
import { asyncApi } from '../../../src/gateway/documents/asyncapi.js';
import { openApi } from '../../../src/gateway/documents/openapi.js';

const operations: Operation[] = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
const documents = new Documents(openApi(operations) as Json, asyncApi(operations) as Json);
const someId = '665f1c2ab3d4e5f60718293a';
const ids = (): string[] => [someId];

describe('fuzzing', () => {
  it('knows every operation that the documents name, at both doors', () => {
    const at = (door: Door) => operations.filter((operation) => opensAt(operation, door));
    const names = documents.operations.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...at('rest').map(({ name }) => name), '/healthz']));
    const aliases = at('rest').flatMap(({ rest }) => rest?.aliases ?? []);
    const methods = documents.operations.map(({ method, path }) => `${method.toLowerCase()} ${path}`);
    const asWritten = aliases.map(({ method, path }) => `${method} /api${path.replace(/:(\w+)/g, '{$1}')}`);
    expect(methods).toEqual(expect.arrayContaining(asWritten));
    const socket = at('socket').flatMap(({ name, also = [] }) => [name, ...also]);
    expect(documents.events.map(({ name }) => name).sort()).toEqual(socket.sort());
  });

  it('makes values that fit every schema of a body or a payload, but for what only a rule of text can say', () => {
    const sources = (side: 'rest' | 'socket') => ({ ids, resolve: (ref: string) => documents.resolve(ref, side) });
    const cases: [Json, 'rest' | 'socket'][] = [
      ...documents.operations.flatMap(({ body }): [Json, 'rest'][] => (body ? [[body, 'rest']] : [])),
      ...documents.events.map(({ payload }): [Json, 'socket'] => [payload, 'socket']),
    ];
    for (const [schema, side] of cases) {
      const values = fc.sample(fitting(schema, sources(side)), { numRuns: 20, seed: 1 });
      expect(values.filter((value) => documents.misfit(schema, value, side) === null).length).toBeGreaterThan(0);
    }
  });

  it('makes cases that go over a wire, whatever was changed in them', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.array(mutation, { maxLength: 3 }), (value, how) => void JSON.stringify(mutated(value, how))));
    fc.assert(
      fc.property(restCases(documents, ids), ({ path }) => /^\/[\x21-\x7e]*$/.test(path)),
      { numRuns: 300 },
    );
    fc.assert(fc.property(socketCases(documents, ids), (one) => JSON.stringify(one).length > 0));
  });

  it('gives the same cases for the same seed', () => {
    const sample = (seed: number) => fc.sample(restCases(documents, ids), { numRuns: 20, seed });
    expect(sample(7)).toEqual(sample(7));
    expect(sample(8)).not.toEqual(sample(7));
  });

  const one: RestCase = {
    operation: 'get_thread',
    as: 'owner',
    method: 'GET',
    path: `/api/threads/${someId}`,
    headers: [],
    body: null,
    cut: 0,
  };
  const judge = (status: number, body: unknown, type = 'application/problem+json'): void =>
    judgeAnswer(one, { status, headers: { 'content-type': type }, body: JSON.stringify(body) }, documents);
  const problem = (code: string, status: number, detail = 'x') => ({ type: 'x', title: 'x', status, code, detail, request_id: 'x' });

  it('takes what the documents know', () => {
    judge(404, problem('not_found', 404));
    judge(503, problem('overloaded', 503));
    judge(405, problem('validation_failed', 405));
  });

  it.each<[string, number, unknown, string?]>([
    ['a status that no error has', 500, problem('unavailable', 500)],
    ['a status of another code', 404, problem('forbidden', 404)],
    ['a code of no table', 404, problem('x', 404)],
    ['a problem with a field more', 404, { ...problem('not_found', 404), stack: 'x' }],
    ['a page of HTML', 404, problem('not_found', 404), 'text/html'],
    ['a defect', 503, problem('unavailable', 503, 'Something went wrong on our side')],
    ['an answer of another form', 200, { x: 1 }, 'application/json'],
    ['a status that the operation does not have', 201, {}, 'application/json'],
    ['a redirection', 302, {}, 'application/json'],
  ])('finds %s', (...[, status, body, type]) => {
    expect(() => judge(status, body, type)).toThrow();
  });

  it('finds acknowledgements of another form, of no code, of a defect, and of no event', () => {
    const event = documents.events.find(({ name }) => name === 'join_thread')!;
    const refused = (code: string, message = 'x') => ({ ok: false, error: { code, message } });
    judgeAcknowledgement(event, refused('not_found'), documents);
    judgeAcknowledgement(undefined, refused('validation_failed'), documents);
    for (const [of, heard] of [
      [event, undefined],
      [event, { ok: true, data: {} }],
      [event, refused('x')],
      [event, refused('unavailable', 'Something went wrong on our side')],
      [undefined, { ok: true }],
    ] as const)
      expect(() => judgeAcknowledgement(of, heard, documents)).toThrow();
  });

  it('sees memory grow, and not that it goes up and down', () => {
    expect(growthOf([1, 50, 100, 101, 99, 100, 102, 100])).toBeLessThan(0.05);
    expect(growthOf([100, 100, 100, 100, 105, 110, 115, 120])).toBeGreaterThan(0.1);
    expect(growthOf([1, 2])).toBe(0);
  });

  it('reads its arguments', () => {
    expect(parseFuzzArguments([], 5)).toEqual({ minutes: 4, seed: 5, rounds: null, limits: ['off', 'on'] });
    expect(parseFuzzArguments(['--seed', '3', '--minutes', '0.5', '--rounds', '2', '--limits', 'on'], 5)).toEqual({
      minutes: 0.5,
      seed: 3,
      rounds: 2,
      limits: ['on'],
    });
    expect(parseFuzzArguments(['--help'], 5)).toBeNull();
    for (const wrong of [['--minutes', '0'], ['--seed', '1.5'], ['--limits', 'x'], ['--x'], ['--rounds', '-1']])
      expect(() => parseFuzzArguments(wrong, 5)).toThrow(BadArguments);
  });
});
