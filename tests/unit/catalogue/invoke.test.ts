import { expect, test } from '@jest/globals';
import { Course, fault, look, member, open, personal } from './operations.js';

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
  course.standing = { ...member, role: null };
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
