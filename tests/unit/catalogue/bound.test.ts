import { expect, test } from '@jest/globals';
import type { Call } from '../../../src/catalogue/bound.js';
import { bind, bindConnected, bindOpen } from '../../../src/catalogue/bound.js';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import type { Connection } from '../../../src/catalogue/ports.js';
import { features } from '../../../src/features/index.js';
import { caller, look } from './operations.js';

const call = (more: Partial<Call> = {}): Call => ({
  ...{ caller, input: { community_id: 'c' }, ports: {} as FeaturePorts, connection: undefined, arrivedAt: 1 },
  origin: { address: 'a', request_id: 'r', user_agent: null },
  again: () => undefined,
  told: () => caller,
  ...more,
});
const connection = { leave: () => undefined } as unknown as Connection;

test('for whoever is signed in: without a caller nothing is done', async () => {
  let done = 0;
  const bound = bind(look, async (who, input, context) => {
    done++;
    return [who, input, context.arrivedAt] as never;
  });
  expect(() => bound.run(call({ caller: undefined }))).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  expect(done).toBe(0);
  expect(await bound.run(call())).toEqual([caller, { community_id: 'c' }, 1]);
});

test('for anyone: it is done without a caller, and who asks is known only by asking', async () => {
  const bound = bindOpen(look, async (input, context) => {
    // @ts-expect-error: one that sent a bad token would be taken for nobody.
    void context.caller;
    return [input, context.told()] as never;
  });
  expect(await bound.run(call())).toEqual([{ community_id: 'c' }, caller]);
  expect(await bound.run(call({ caller: undefined, told: () => undefined }))).toEqual([{ community_id: 'c' }, undefined]);
});

test('for a connection that stays open: without one it is told so, and nothing is done', async () => {
  let done = 0;
  const bound = bindConnected(look, async (_who, _input, context) => {
    done++;
    return context.connection as never;
  });
  expect(() => bound.run(call())).toThrow(
    expect.objectContaining({ code: 'validation_failed', message: 'look_around needs a connection that stays open' }),
  );
  expect(() => bound.run(call({ caller: undefined, connection }))).toThrow(expect.objectContaining({ code: 'unauthenticated' }));
  expect(done).toBe(0);
  expect(await bound.run(call({ connection }))).toBe(connection);
});

test('what needs a connection opens at no door that has none', () => {
  const { operations } = features.find(({ name }) => name === 'subscriptions')!;
  expect(operations.map(({ operation: { name, rest, without } }) => [name, rest, Object.keys(without ?? {})])).toEqual(
    ['join_community', 'leave_community', 'join_thread', 'leave_thread'].map((name) => [name, undefined, ['rest']]),
  );
});
