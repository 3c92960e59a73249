import { describe, expect, test } from '@jest/globals';
import { anyOf, anyone, installation } from '../../../src/authority/allow.js';
import type { Call } from '../../../src/catalogue/bound.js';
import type { Connection } from '../../../src/catalogue/ports.js';
import { Course, caller, fault, look, member, open, personal } from './operations.js';

const order = ['shed history', 'identify', 'spend 1 of read by member', 'read', 'spend 2 of read by member', 'standing', 'run'];

test('an operation goes its way in one order', async () => {
  const course = new Course();
  expect(await course.invoke.carryOut(course.bound(look), course.request())).toEqual({ answer: { seen: true }, again: false });
  expect(course.steps).toEqual(order);
});

test.each(order.slice(0, -1))('what is refused at "%s" goes no further', async (step) => {
  const course = new Course();
  course.failing = { step, fault: fault('overloaded') };
  await expect(course.invoke.carryOut(course.bound(look), course.request())).rejects.toMatchObject({ code: 'overloaded' });
  expect(course.steps).toEqual(order.slice(0, order.indexOf(step) + 1));
});

test('who is not known is counted by address', async () => {
  const course = new Course();
  course.failing = { step: 'identify', fault: fault('unauthenticated') };
  await expect(course.invoke.carryOut(course.bound(look), course.request())).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(course.steps).toEqual(['shed history', 'identify', 'spend 1 of probe by address']);
});

test('input that does not fit has cost its sender a point, and asks nobody', async () => {
  const course = new Course();
  const asked = course.invoke.carryOut(course.bound(look), course.request({ community_id: 'x', more: 1 }));
  await expect(asked).rejects.toMatchObject({ code: 'validation_failed' });
  expect(course.steps).toEqual(order.slice(0, 4));
});

test('where everybody may ask nobody is identified', async () => {
  const course = new Course();
  await course.invoke.carryOut(course.bound({ ...open, cost: 1 }), course.request());
  expect(course.steps).toEqual(['shed history', 'spend 1 of read by address', 'read', 'standing', 'run'].filter((s) => s !== 'standing'));
});

test('who may not is refused before anything is done', async () => {
  const course = new Course();
  course.standing = { ...member, member: null };
  await expect(course.invoke.carryOut(course.bound(look), course.request())).rejects.toMatchObject({ code: 'not_found' });
  expect(course.steps).toEqual(order.slice(0, -1));
});

test('where an actor decides, invoke does not ask as well', async () => {
  const course = new Course();
  await course.invoke.carryOut(course.bound({ ...look, decided_by: 'community' }), course.request());
  expect(course.steps).not.toContain('standing');
});

test('a cost may depend on the input', async () => {
  const course = new Course();
  const cost = (input: { [field: string]: unknown }) => String(input.community_id).length;
  await course.invoke.carryOut(course.bound({ ...personal, cost }), course.request());
  expect(course.steps.filter((step) => step.startsWith('spend'))).toEqual(['spend 1 of read by member', 'spend 23 of read by member']);
});

test('a door that it does not open at is told so', async () => {
  const course = new Course();
  const bound = course.bound({ ...look, without: { socket: 'it has bytes' } });
  await expect(course.invoke.carryOut(bound, { ...course.request(), door: 'socket' })).rejects.toMatchObject({ code: 'validation_failed' });
  expect(course.steps).toEqual([]);
});

test('a field that one door needs is asked for there, after the first point, and nowhere else', async () => {
  const operation = { ...personal, needed: { socket: ['community_id'] }, input: look.input.partial() };
  const course = new Course();
  const asked = course.invoke.carryOut(course.bound(operation), course.request({}, { door: 'socket' }));
  await expect(asked).rejects.toMatchObject({ code: 'validation_failed', errors: [{ path: 'community_id', message: 'is needed' }] });
  expect(course.steps).toEqual(order.slice(0, 4));
  const other = new Course();
  expect(await other.invoke.carryOut(other.bound(operation), other.request({}))).toMatchObject({ answer: { seen: true } });
});

test('what is carried out gets the connection, and says that it was done before', async () => {
  const course = new Course();
  const connection = {} as Connection;
  const given: Call[] = [];
  const bound = course.bound(personal, (call) => {
    given.push(call);
    call.again();
  });
  expect(await course.invoke.carryOut(bound, course.request(undefined, { connection }))).toEqual({ answer: undefined, again: true });
  expect(await course.invoke.carryOut(course.bound(personal), course.request())).toMatchObject({ again: false });
  expect(given[0]!.connection).toBe(connection);
});

describe('where anybody may ask, and it makes a difference who', () => {
  const heeding = { ...open, allow: anyOf(installation, anyone), cost: 1, place: undefined as never };
  const guessed = fault('unauthenticated');
  const refused = { step: 'identify', fault: guessed };
  /** Whom the operation is told, if it asks. */
  const tells = (call: Call): unknown => ({ told: call.told()?.member_id ?? null, caller: call.caller?.member_id ?? null });
  const ways = [anyOf(installation, anyone), anyOf(anyone, installation)].map((allow) => ({ ...heeding, allow }));

  test.each(ways)('who sends no token is nobody, and is counted by address', async (operation) => {
    const course = new Course();
    const { answer } = await course.invoke.carryOut(course.bound(operation, tells), course.request());
    expect(answer).toEqual({ told: null, caller: null });
    expect(course.steps).toEqual(['shed history', 'spend 1 of read by address', 'read', 'run']);
  });

  test.each(ways)('who sends a good one is told, and is counted by member', async (operation) => {
    const course = new Course();
    const { answer } = await course.invoke.carryOut(course.bound(operation, tells), course.request(undefined, { tells: true }));
    expect(answer).toEqual({ told: caller.member_id, caller: caller.member_id });
    expect(course.steps).toEqual(['shed history', 'identify', 'spend 1 of read by member', 'read', 'run']);
  });

  const counted = ['shed history', 'identify', 'spend 1 of probe by address', 'spend 1 of read by address', 'read', 'run'];

  test.each(ways)('a bad one has cost a guess, and is heard of only where the operation asks', async (operation) => {
    const deaf = new Course();
    deaf.failing = refused;
    const { answer } = await deaf.invoke.carryOut(deaf.bound(operation), deaf.request(undefined, { tells: true }));
    expect([answer, deaf.steps]).toEqual([{ seen: true }, counted]);

    const asking = new Course();
    asking.failing = refused;
    const asked = asking.invoke.carryOut(asking.bound(operation, tells), asking.request(undefined, { tells: true }));
    await expect(asked).rejects.toBe(guessed);
    expect(asking.steps).toEqual(counted);
  });

  test('who guesses too often is refused, and nothing is carried out', async () => {
    const course = new Course();
    const limited = course.invoke.carryOut(
      course.bound(heeding),
      course.request(undefined, {
        tells: true,
        identify: () => {
          course.failing = { step: 'spend 1 of probe by address', fault: fault('rate_limited') };
          throw guessed;
        },
      }),
    );
    await expect(limited).rejects.toMatchObject({ code: 'rate_limited' });
    expect(course.steps).toEqual(['shed history', 'spend 1 of probe by address']);
  });

  test('what is no matter of the token is no guess', async () => {
    const course = new Course();
    course.failing = { step: 'identify', fault: fault('unavailable') };
    const asked = course.invoke.carryOut(course.bound(heeding), course.request(undefined, { tells: true }));
    await expect(asked).rejects.toMatchObject({ code: 'unavailable' });
    expect(course.steps).toEqual(['shed history', 'identify']);
  });

  test('where it makes none, a token is not looked at', async () => {
    const course = new Course();
    course.failing = refused;
    const bound = course.bound({ ...open, cost: 1 }, tells);
    const { answer } = await course.invoke.carryOut(bound, course.request(undefined, { tells: true }));
    expect(answer).toEqual({ told: null, caller: null });
    expect(course.steps).toEqual(['shed history', 'spend 1 of read by address', 'read', 'run']);
  });

  test('who has to say who they are is told of as well', async () => {
    const course = new Course();
    const { answer } = await course.invoke.carryOut(course.bound(personal, tells), course.request());
    expect(answer).toEqual({ told: caller.member_id, caller: caller.member_id });
  });
});
