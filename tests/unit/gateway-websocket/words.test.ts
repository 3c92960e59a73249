import { expect, test } from '@jest/globals';
import type { z } from 'zod';
import { features } from '../../../src/features/index.js';
import { Frames, plainEvent } from '../../../src/gateway/socket/frames.js';
import { PlainAnswer } from '../../../src/gateway/websocket/answer.js';
import { serverEvents } from '../../../src/protocol/events.js';

/** What the frames of the door say of themselves may be said by no field beside it. */
const operations = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
const fieldsOf = (schema: z.ZodType): string[] => Object.keys((schema as z.ZodObject).shape);

test.each(Object.entries(serverEvents))(
  'the event %s is an object without a field that is called event, ref or ok',
  (_name, { payload }) => {
    expect(payload.def.type).toBe('object');
    expect(fieldsOf(payload).filter((field) => ['event', 'ref', 'ok'].includes(field))).toEqual([]);
  },
);

test.each(operations.map(({ name, input }) => [name, input] as [string, z.ZodType]))(
  '%s takes no field that is called action, ref or user_id',
  (name, input) => {
    expect(name).not.toBe('authenticate');
    expect(input.def.type).toBe('object');
    expect(fieldsOf(input).filter((field) => ['action', 'ref', 'user_id'].includes(field))).toEqual([]);
  },
);

/** A frame's text, which is short here. */
const textOf = (frame: Buffer): string => {
  expect([frame[0], frame[1]! < 126]).toEqual([0x81, true]);
  return frame.subarray(2).toString();
};

test.each([
  ['x', {}, '{"event":"x"}'],
  ['x', { a: 1 }, '{"event":"x","a":1}'],
  ['a"b\n', { event: 'y' }, '{"event":"a\\"b\\n","event":"y"}'],
])('the event %s of %j', (name, payload, text) => {
  const event = { name, text: JSON.stringify([name, payload]), change: undefined };
  expect(plainEvent(event)).toBe(text);
  const frames = new Frames([event]);
  expect(textOf(frames.plain)).toBe(text);
  expect(frames.plain).toBe(frames.plain);
});

test('an answer has the ref of its frame, and none where the frame had none', () => {
  expect(textOf(new PlainAnswer('a', { ok: true, data: { x: [] } }).plain)).toBe('{"ref":"a","ok":true,"data":{"x":[]}}');
  expect(textOf(new PlainAnswer(0, { ok: true, data: {} }).plain)).toBe('{"ref":0,"ok":true,"data":{}}');
  const error = { code: 'not_found', message: 'no' } as const;
  expect(textOf(new PlainAnswer(undefined, { ok: false, error }).plain)).toBe('{"ok":false,"error":{"code":"not_found","message":"no"}}');
});
