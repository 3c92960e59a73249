import { expect, test } from '@jest/globals';
import { z } from 'zod';
import type { Bound } from '../../../src/catalogue/bound.js';
import { Catalogue, defectsOf } from '../../../src/catalogue/catalogue.js';
import { defineFeature, inOrder } from '../../../src/catalogue/feature.js';
import type { Operation } from '../../../src/catalogue/operation.js';
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

test('features come behind what they need', () => {
  const names = (list: Parameters<typeof inOrder>[0]) => inOrder(list).map(({ name }) => name);
  expect(names([feature('c', ['b']), feature('a'), feature('b', ['a'])])).toEqual(['a', 'b', 'c']);
  expect(() => inOrder([feature('a', ['b'])])).toThrow('The feature a needs b, which is not there');
  expect(() => inOrder([feature('a', ['b']), feature('b', ['a'])])).toThrow('Features need each other in a circle: a, b, a');
  expect(() => inOrder([feature('a'), feature('a')])).toThrow('Two features have the same name');
});
