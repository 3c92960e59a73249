import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Caller } from '../../../src/catalogue/caller.js';
import { Catalogue } from '../../../src/catalogue/catalogue.js';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import { Invoke } from '../../../src/catalogue/invoke.js';
import { opensAt } from '../../../src/catalogue/operation.js';
import type { Connection } from '../../../src/catalogue/ports.js';
import { features } from '../../../src/features/index.js';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import { Dispatch } from '../../../src/gateway/socket/dispatch.js';
import { Subscriber } from '../../../src/gateway/socket/subscriber.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { idFromName } from '../../../src/kernel/ids.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { currentScope } from '../../../src/kernel/scope.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { anAccess } from '../../access.js';

const id = idFromName('t', 't');
const caller: Caller = {
  member_id: idFromName('m', 'm'),
  session_id: 's',
  is_admin: false,
  token_expires_at: Number.MAX_SAFE_INTEGER,
  address: '10.0.0.1',
  request_id: 'handshake',
};
const lines: string[] = [];
let carriedOut: { operation: string; caller: Caller | undefined; input: unknown; connection: unknown }[];
let spent: { limit: string; who: unknown }[];
let telemetry: Telemetry;
let subscriber: Subscriber;
let refuse: Fault | undefined;
let refused: number;
let handler: () => Promise<unknown>;
let dispatch: Dispatch;
const connection = { leave: () => undefined } as unknown as Connection;
let catalogue: Catalogue;

beforeEach(() => {
  carriedOut = [];
  spent = [];
  lines.length = 0;
  refuse = undefined;
  refused = 0;
  handler = async () => ({});
  telemetry = new Telemetry();
  subscriber = new Subscriber({ id: 'socket', join: () => undefined, leave: () => undefined, give: () => undefined }, caller);
  /** Everything that can be asked for, with a function that notes what came to it. */
  catalogue = new Catalogue(
    features.map(({ name, operations }) => ({
      name,
      operations: operations.map(({ operation }) => ({
        operation,
        run: ({ caller: who, input, connection: through }) => {
          carriedOut.push({ operation: operation.name, caller: who, input, connection: through });
          return handler();
        },
      })),
    })),
  );
  const clock = new FakeClock();
  const invoke = new Invoke({
    limiter: {
      spend: async (limit, who) => {
        spent.push({ limit, who });
        if (refuse) throw refuse;
        return null;
      },
    },
    shedder: noShedding,
    places: { enter: () => undefined, standing: async () => anAccess({ is_public: true, role: 'owner' }) },
    clock,
    ports: {} as FeaturePorts,
  });
  dispatch = new Dispatch({
    catalogue,
    invoke,
    connectionOf: () => connection,
    refused: () => void refused++,
    clock,
    logger: createLogger({ level: 'debug', node: 'test' }, { write: (line: string) => void lines.push(line) }),
    telemetry,
    maxUnderWay: 3,
  });
});

const ask = async (...packet: unknown[]): Promise<{ ok: boolean; data?: unknown; error?: Fault }> => {
  let answer: unknown;
  const acknowledge = (given: unknown): void => {
    answer = given;
  };
  await dispatch.receive(subscriber, [...packet, acknowledge]);
  return answer as { ok: boolean };
};
const counted = async (event: string, outcome: string): Promise<number> => {
  const { values } = await telemetry.socketEvents.get();
  return values.find((v) => v.labels.event === event && v.labels.outcome === outcome)?.value ?? 0;
};
const leave = { thread_id: id };
const deep = (n: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < n; i++) value = { a: value };
  return value;
};

test('what is right is carried out, with a request id of its own, and acknowledged', async () => {
  handler = async () => currentScope();
  expect(await ask('leave_thread', leave)).toMatchObject({ ok: true, data: { member_id: caller.member_id } });
  expect(carriedOut).toEqual([
    { operation: 'leave_thread', caller: { ...caller, request_id: expect.stringMatching(/^[0-9a-f]{24}$/) }, input: leave, connection },
  ]);
  expect(spent).toEqual([{ limit: 'read', who: { member_id: caller.member_id, address: caller.address } }]);
  expect(await counted('leave_thread', 'ok')).toBe(1);
});

test('without an acknowledgement it is carried out all the same', async () => {
  await dispatch.receive(subscriber, ['leave_thread', leave]);
  expect(carriedOut).toHaveLength(1);
});

describe('refused with validation_failed', () => {
  const circular: Record<string, unknown> = { thread_id: id };
  circular.self = circular;
  const cases: [string, unknown[]][] = [
    ['an unknown event', ['no such event', leave]],
    ['an event named like a method of objects', ['toString', leave]],
    ['__proto__ as an event', ['__proto__', leave]],
    ['constructor as an event', ['constructor', leave]],
    ['a number as an event', [7, leave]],
    ['an object as an event', [{ toString: () => 'leave_thread' }, leave]],
    ['null as an event', [null]],
    ['nothing at all', []],
    ['no payload', ['leave_thread']],
    ['two payloads', ['leave_thread', leave, leave]],
    ['null', ['leave_thread', null]],
    ['text', ['leave_thread', id]],
    ['a list', ['leave_thread', [leave]]],
    ['an unknown field', ['leave_thread', { ...leave, x: 1 }]],
    ['an operator in place of an id', ['leave_thread', { thread_id: { $ne: null } }]],
    ['a room name in place of an id', ['leave_thread', { thread_id: `t:${id}` }]],
    ['__proto__ as a field', ['leave_thread', JSON.parse(`{"thread_id":"${id}","__proto__":{"a":1}}`)]],
    ['deep nesting', ['leave_thread', deep(5_000)]],
    ['a circle', ['leave_thread', circular]],
    ['binary', ['leave_thread', Buffer.from('x')]],
    ['binary inside', ['leave_thread', { thread_id: new Uint8Array(4) }]],
    ['a refused frame', ['refused frame']],
    ['no nonce', ['send_message', { thread_id: id, content: 'x' }]],
    ['fields of the server', ['send_message', { thread_id: id, content: 'x', nonce: 'n', seq: 1, rev: 1, author: id }]],
    ['too much text', ['send_message', { thread_id: id, content: 'x'.repeat(10_001), nonce: 'n' }]],
    ['a lone surrogate', ['send_message', { thread_id: id, content: 'x\ud800', nonce: 'n' }]],
  ];
  test.each(cases)('%s', async (_name, packet) => {
    const answer = await ask(...packet);
    expect(answer).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
    expect(JSON.stringify(answer).length).toBeLessThan(1_000);
    expect(carriedOut).toEqual([]);
    await dispatch.receive(subscriber, packet);
    expect(carriedOut).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('and nothing of the input comes back', async () => {
    const canary = 'canary-7f3a';
    for (const packet of [
      [canary, {}],
      ['leave_thread', { [canary]: 1 }],
      ['leave_thread', { thread_id: canary }],
      ['leave_thread', canary],
    ]) {
      expect(JSON.stringify(await ask(...packet))).not.toContain(canary);
    }
    expect(await counted('unknown', 'validation_failed')).toBe(1);
    expect(await counted('leave_thread', 'validation_failed')).toBe(3);
  });
});

test('a limit refuses before the payload is looked at', async () => {
  refuse = new Fault('rate_limited', 'Slow down', { retry_after_ms: 500 });
  expect(await ask('send_message', null)).toEqual({
    ok: false,
    error: { code: 'rate_limited', message: 'Slow down', retry_after_ms: 500 },
  });
  expect(await counted('send_message', 'rate_limited')).toBe(1);
});

test('each operation that opens at sockets spends its own limit, by each of its names', async () => {
  const there = catalogue.operations.filter((operation) => opensAt(operation, 'socket'));
  const names = there.flatMap(({ name, also = [], limit }) => [name, ...also].map((each) => ({ name: each, limit })));
  expect(names.length).toBeGreaterThan(there.length);
  for (const { name } of names) expect(await ask(name, null)).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
  expect(spent.map((s) => s.limit)).toEqual(names.map(({ limit }) => limit));
  expect(carriedOut).toEqual([]);
});

test('what does not open at sockets is refused there, costs its sender, and asks nobody', async () => {
  const closed = catalogue.operations.filter((operation) => !opensAt(operation, 'socket'));
  expect(closed.map(({ name }) => name)).toEqual(expect.arrayContaining(['register', 'login', 'reopen_account', 'refresh']));
  for (const { name, example } of closed) {
    expect(await ask(name, example)).toMatchObject({ ok: false, error: { code: 'validation_failed' } });
  }
  expect([carriedOut, spent, refused]).toEqual([[], [], closed.length]);
});

test('another name is the same operation, counted by its first name', async () => {
  expect(await ask('subscribe_thread', leave)).toMatchObject({ ok: true });
  expect(carriedOut).toMatchObject([{ operation: 'join_thread', input: leave }]);
  expect(await counted('join_thread', 'ok')).toBe(1);
});

describe('the data of an acknowledgement', () => {
  test('is what the operation answers', async () => {
    handler = async () => ({ head_rev: 7 });
    expect(await ask('sync_thread', { thread_id: id, after_rev: 0 })).toEqual({ ok: true, data: { head_rev: 7 } });
  });

  test('stands in a field where the operation says so', async () => {
    handler = async () => ({ id: 'a message' });
    expect(await ask('send_message', { thread_id: id, content: 'x', nonce: 'n' })).toEqual({
      ok: true,
      data: { message: { id: 'a message' } },
    });
  });

  test('is an empty object where nothing is answered', async () => {
    handler = async () => undefined;
    expect(await ask('typing', { thread_id: id })).toEqual({ ok: true, data: {} });
  });
});

test('who sends what is unknown, malformed or too much is told of, and nobody else', async () => {
  await ask('leave_thread', leave);
  handler = () => Promise.reject(new Fault('forbidden'));
  await ask('leave_thread', leave);
  expect(refused).toBe(0);
  await ask('no such event', leave);
  await ask('leave_thread', null);
  refuse = new Fault('rate_limited');
  await ask('leave_thread', leave);
  expect(refused).toBe(3);
});

test('a Fault of a handler is the answer; anything else is unavailable and logged without its input', async () => {
  handler = () => Promise.reject(new Fault('conflict', 'No', { errors: [{ path: 'x', message: 'y' }] }));
  expect(await ask('leave_thread', leave)).toEqual({
    ok: false,
    error: { code: 'conflict', message: 'No', errors: [{ path: 'x', message: 'y' }] },
  });
  expect(lines).toEqual([]);
  for (const thrown of [new Error('a defect'), 'text', undefined, null]) {
    handler = () => Promise.reject(thrown);
    expect(await ask('send_message', { thread_id: id, content: 'canary-7f3a', nonce: 'n' })).toMatchObject({
      ok: false,
      error: { code: 'unavailable' },
    });
  }
  expect(lines.join('')).toContain('a defect');
  expect(lines.join('')).not.toContain('canary-7f3a');
  handler = () => {
    throw new Error('at once');
  };
  expect(await ask('leave_thread', leave)).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  expect(subscriber.underWay).toBe(0);
});

test('more than so many requests under way are refused as retryable, and there is room again afterwards', async () => {
  let release = (): void => undefined;
  handler = () =>
    new Promise((resolve) => {
      const before = release;
      release = () => {
        before();
        resolve({});
      };
    });
  const waiting = [1, 2, 3].map(() => ask('leave_thread', leave));
  await new Promise((resolve) => setImmediate(resolve));
  expect(await ask('leave_thread', leave)).toMatchObject({ ok: false, error: { code: 'overloaded', retry_after_ms: expect.any(Number) } });
  release();
  for (const answer of await Promise.all(waiting)) expect(answer.ok).toBe(true);
  handler = async () => ({});
  expect(await ask('leave_thread', leave)).toMatchObject({ ok: true });
});

test('an acknowledgement that throws harms nobody', async () => {
  const throws = (): never => {
    throw new Error('gone');
  };
  await dispatch.receive(subscriber, ['leave_thread', leave, throws]);
  await dispatch.receive(subscriber, ['leave_thread', null, throws]);
  expect(subscriber.underWay).toBe(0);
});
