import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { anyOf, installation, memberOf, owner } from '../../../src/authority/allow.js';
import type { Bound } from '../../../src/catalogue/bound.js';
import { Catalogue, defectsOf, waysOf } from '../../../src/catalogue/catalogue.js';
import { defineFeature, inOrder } from '../../../src/catalogue/feature.js';
import { defineItem } from '../../../src/catalogue/item-kind.js';
import type { Operation, RestWay } from '../../../src/catalogue/operation.js';
import { features } from '../../../src/features/index.js';
import { look, open } from './operations.js';

const bound = (operation: Operation): Bound => ({ operation, run: async () => undefined });
const feature = (name: string, needs: string[] = [], ...operations: Operation[]) =>
  defineFeature({ name, needs, operations: operations.map(bound) });

test.each<[string, Partial<Operation>, string]>([
  ['a name that is no name', { name: 'lookAround' }, 'is not named verb_noun'],
  ['nobody who may', { allow: undefined as never }, 'does not say who may ask for it'],
  ['a permission in no place', { place: undefined as never }, 'asks for a permission in no place'],
  [
    'a strange path',
    { rest: { method: 'get', path: '/test/:thread_id', status: 200 } },
    'has fields in its path that are not in its input: thread_id',
  ],
  [
    'a strange path of an alias',
    { rest: { ...look.rest!, aliases: [{ method: 'get', path: '/test/of/:thread_id' }] } },
    'has fields in its path that are not in its input: thread_id',
  ],
  ['membership in no place', { allow: memberOf, place: undefined as never }, 'asks for a permission in no place'],
  ['ownership in no place', { allow: anyOf(installation, owner), place: undefined as never }, 'asks for a permission in no place'],
  ['a need of what is not there', { needed: { socket: ['nonce'] } }, 'asks for fields that are not in its input: nonce'],
  ['a nonce that is not there', { repeat: 'by nonce' }, 'is repeated by a nonce that its input does not have'],
])('%s is a defect', (_what, over, why) => {
  expect(defectsOf({ ...look, ...over })).toEqual([why]);
});

test('what is sound has no defects', () => {
  expect(defectsOf(look)).toEqual([]);
  for (const { operations } of features) for (const { operation } of operations) expect(defectsOf(operation)).toEqual([]);
});

test('a name and a way are stated once', () => {
  const other: Operation = { ...look, name: 'look_again', input: z.strictObject({ other_id: z.string() }) };
  const sameWay = {
    ...other,
    place: undefined as never,
    allow: open.allow,
    rest: { method: 'get', path: '/test/:other_id', status: 200 } as const,
  };
  expect(() => new Catalogue([feature('a', [], look), feature('b', [], look)])).toThrow('The operation look_around of b is stated twice');
  expect(() => new Catalogue([feature('a', [], look), feature('b', [], sameWay)])).toThrow(
    'The operation look_again of b has the way of another: get /test/:',
  );
});

/** Operations that have nothing in common. */
const apart = (name: string, over: Partial<Operation> = {}): Operation => ({
  ...look,
  name,
  rest: { method: 'get', path: `/${name}/:community_id`, status: 200 },
  ...over,
});
const way = (method: RestWay['method'], path: string) => ({ method, path });
const withWays = (name: string, ...aliases: ReturnType<typeof way>[]): Operation =>
  apart(name, { rest: { ...apart(name).rest!, aliases } });

test('an operation is found by each of its names, and once in the list', () => {
  const catalogue = new Catalogue([feature('a', [], apart('tell_story', { also: ['narrate', 'relate_tale'] }), apart('hear_story'))]);
  for (const name of ['tell_story', 'narrate', 'relate_tale']) expect(catalogue.byName(name)?.operation.name).toBe('tell_story');
  expect(catalogue.operations.map(({ name }) => name)).toEqual(['tell_story', 'hear_story']);
  for (const name of ['', 'toString', '__proto__', 'constructor', 'tell']) expect(catalogue.byName(name)).toBeUndefined();
});

test.each<[string, Operation, Operation, string]>([
  ['one name', apart('tell_story'), apart('tell_story'), 'The operation tell_story of b is stated twice'],
  ['one other name', apart('a_b', { also: ['narrate'] }), apart('c_d', { also: ['narrate'] }), 'c_d of b has the name of another: narrate'],
  ['a name that is another name', apart('a_b', { also: ['c_d'] }), apart('c_d'), 'The operation c_d of b is stated twice'],
  ['another name that is a name', apart('a_b'), apart('c_d', { also: ['a_b'] }), 'c_d of b has the name of another: a_b'],
  ['one way', apart('a_b', { rest: look.rest! }), apart('c_d', { rest: look.rest! }), 'c_d of b has the way of another: get /test/:'],
  [
    'one alias',
    withWays('a_b', way('put', '/x/:community_id')),
    withWays('c_d', way('put', '/x/:community_id')),
    'c_d of b has the way of another: put /x/:',
  ],
  [
    'an alias that is a way',
    apart('a_b'),
    withWays('c_d', way('get', '/a_b/:community_id')),
    'c_d of b has the way of another: get /a_b/:',
  ],
  [
    'a way that is an alias',
    withWays('a_b', way('get', '/c_d/:community_id')),
    apart('c_d'),
    'c_d of b has the way of another: get /c_d/:',
  ],
])('two operations with %s are refused', (_what, first, second, why) => {
  expect(() => new Catalogue([feature('a', [], first), feature('b', [], second)])).toThrow(why);
});

test('one operation has neither name nor way twice', () => {
  expect(() => new Catalogue([feature('a', [], apart('a_b', { also: ['a_b'] }))])).toThrow('has the name of another: a_b');
  expect(() => new Catalogue([feature('a', [], apart('a_b', { also: ['c_d', 'c_d'] }))])).toThrow('has the name of another: c_d');
  expect(() => new Catalogue([feature('a', [], withWays('a_b', way('get', '/a_b/:community_id')))])).toThrow('has the way of another');
});

test('kinds of items are stated once, by words', () => {
  const keeping = (name: string, ...kinds: string[]) => ({
    ...feature(name),
    items: kinds.map((kind) => defineItem({ kind, ledger: 'me', summary: 'One of them', value: z.string() })),
  });
  expect(new Catalogue([keeping('a', 'b', 'c'), keeping('d', 'e')]).items.map(({ kind }) => kind)).toEqual(['b', 'c', 'e']);
  expect(() => new Catalogue([keeping('a', 'b'), keeping('c', 'b')])).toThrow('The kind of items b of c is stated by a already');
  expect(() => new Catalogue([keeping('a', 'b', 'b')])).toThrow('The kind of items b of a is stated by a already');
  for (const kind of ['', 'A', 'a b', 'a__b', '__proto__', 'a'.repeat(33)]) {
    expect(() => new Catalogue([keeping('a', kind)])).toThrow('is not named by words of small letters');
  }
});

test('its ways are the first and its aliases; one path by several methods is several ways', () => {
  const told = withWays('a_b', way('put', '/a_b/:community_id'), way('post', '/x'));
  expect(waysOf(told).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'get /a_b/:community_id',
    'put /a_b/:community_id',
    'post /x',
  ]);
  expect(waysOf({})).toEqual([]);
  expect(new Catalogue([feature('a', [], told)]).operations).toEqual([told]);
});

test('features come behind what they need', () => {
  const names = (list: Parameters<typeof inOrder>[0]) => inOrder(list).map(({ name }) => name);
  expect(names([feature('c', ['b']), feature('a'), feature('b', ['a'])])).toEqual(['a', 'b', 'c']);
  expect(() => inOrder([feature('a', ['b'])])).toThrow('The feature a needs b, which is not there');
  expect(() => inOrder([feature('a', ['b']), feature('b', ['a'])])).toThrow('Features need each other in a circle: a, b, a');
  expect(() => inOrder([feature('a'), feature('a')])).toThrow('Two features have the same name');
});
