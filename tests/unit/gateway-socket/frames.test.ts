import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import * as ws from 'ws';
import { Frames } from '../../../src/gateway/socket/frames.js';
import type { RoomEvent } from '../../../src/gateway/socket/room-mail.js';

/** What `ws` makes of a stream of bytes, cut where they may be cut by a network; it is strict about lengths and UTF-8. */
interface Receiving {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(bytes: Buffer): unknown;
}
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Receiving };

const parsed = (bytes: Buffer, cutAt = bytes.length): string[] => {
  const texts: string[] = [];
  const receiver = new Receiver({ isServer: false, allowSynchronousEvents: true });
  receiver.on('message', (data, isBinary) => texts.push(isBinary ? 'binary' : data.toString()));
  receiver.on('error', (error) => texts.push(error.message));
  for (const part of [bytes.subarray(0, cutAt), bytes.subarray(cutAt)]) if (part.length > 0) receiver.write(part);
  return texts;
};

const event = (name: string, payload: unknown): RoomEvent => ({ name, text: JSON.stringify([name, payload]), change: undefined });
/** An event whose message is so many bytes long. */
const ofLength = (bytes: number): RoomEvent => event('x', 'a'.repeat(bytes - '42["x",""]'.length));

test.each([11, 125, 126, 127, 65_535, 65_536, 65_537, 1_000_000])('a message of %i bytes is one text frame', (bytes) => {
  const { single } = new Frames([ofLength(bytes)]);
  const texts = parsed(single);
  expect(texts.map((text) => text.length)).toEqual([bytes]);
  expect(single.length - bytes).toBe(bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10);
});

test('frames stand one behind the other, also after one of each kind of length', () => {
  const events = [ofLength(65_536), ofLength(125), ofLength(126), ofLength(65_535), ofLength(20)];
  expect(parsed(new Frames(events).single)).toEqual(events.map((e) => `42${e.text}`));
});

test('one event is the same frame for those who take several', () => {
  const frames = new Frames([event('x', 1)]);
  expect(parsed(frames.packed)).toEqual(['42["x",1]']);
  expect(frames.packed).toBe(frames.single);
});

test('each form is made once', () => {
  const frames = new Frames([event('x', 1), event('y', 2)]);
  expect(frames.single).toBe(frames.single);
  expect(frames.packed).toBe(frames.packed);
  expect(frames.packets).toBe(frames.packets);
});

test('whatever the events say, each form says it', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 200 });
  fc.assert(
    fc.property(fc.array(fc.tuple(texts, fc.jsonValue()), { minLength: 1, maxLength: 8 }), fc.nat(), (pairs, cut) => {
      const events = pairs.map(([name, payload]) => event(name, payload));
      const frames = new Frames(events);
      const sent = events.map((e) => JSON.parse(e.text) as unknown);
      const { single, packed } = frames;
      expect(parsed(single, cut % single.length).map((text) => JSON.parse(text.slice(2)) as unknown)).toEqual(sent);
      expect(frames.packets.map((text) => JSON.parse(text.slice(1)) as unknown)).toEqual(sent);
      const [batch, ...more] = parsed(packed, cut % packed.length);
      expect(more).toEqual([]);
      expect(JSON.parse(batch!.slice(2))).toEqual(sent.length === 1 ? sent[0] : ['batch', sent]);
    }),
  );
});

test('every message is an event of the default namespace', () => {
  const frames = new Frames([event('x', 'ä'), event('y', '💬')]);
  expect(parsed(frames.single)).toEqual(['42["x","ä"]', '42["y","💬"]']);
  expect(parsed(frames.packed)).toEqual(['42["batch",[["x","ä"],["y","💬"]]]']);
  expect(frames.packets).toEqual(['2["x","ä"]', '2["y","💬"]']);
});
