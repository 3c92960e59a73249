import { expect, test } from '@jest/globals';
import type { ActorSystem, Address } from '../../../src/actors/runtime/actor.js';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import { typing } from '../../../src/features/typing/feature.js';
import { caller } from '../catalogue/operations.js';

test.each([
  ['typing', true],
  ['stop_typing', false],
] as const)('%s is handed on to its thread, and answers nothing', async (name, on) => {
  const asked: { to: Address; message: unknown }[] = [];
  const actors: ActorSystem = {
    tell: () => undefined,
    ask: (async (to: Address, message: unknown) => {
      asked.push({ to, message });
      return { of: 'the actor' };
    }) as never,
  };
  const { run } = typing.operations.find(({ operation }) => operation.name === name)!;
  const answer = await run({
    ...{ caller, input: { thread_id: 't' }, ports: { actors } as unknown as FeaturePorts, connection: undefined, arrivedAt: 0 },
    origin: { address: 'a', request_id: 'r', user_agent: null },
    again: () => undefined,
    told: () => caller,
  });
  expect(answer).toBeUndefined();
  expect(asked).toEqual([{ to: { kind: 'thread', key: 't' }, message: { type: 'typing', by: caller.member_id, on } }]);
});
