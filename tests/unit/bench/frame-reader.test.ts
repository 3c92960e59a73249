import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameReader } from '../../../bench/load/frame-reader.js';
import { textFrame } from '../../../bench/load/frame-writer.js';

/** As a server sends it: not masked. */
const serverFrame = (payload: string, opcode = 1): Buffer => {
  const bytes = Buffer.from(payload);
  const head =
    bytes.length < 126
      ? Buffer.from([0x80 | opcode, bytes.length])
      : bytes.length < 65_536
        ? Buffer.from([0x80 | opcode, 126, bytes.length >> 8, bytes.length & 0xff])
        : Buffer.concat([Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0]), Buffer.from(new Uint32Array([bytes.length]).buffer).reverse()]);
  return Buffer.concat([head, bytes]);
};

const reader = (): { read: FrameReader; frames: string[] } => {
  const frames: string[] = [];
  return { frames, read: new FrameReader((bytes, start, end, opcode) => frames.push(`${opcode}:${bytes.toString('utf8', start, end)}`)) };
};

describe('the frames of a server', () => {
  test('many in one chunk', () => {
    const { read, frames } = reader();
    read.push(Buffer.concat([serverFrame('2'), serverFrame('42["a"]'), serverFrame('', 8)]));
    expect(frames).toEqual(['1:2', '1:42["a"]', '8:']);
  });

  test('of each length there is', () => {
    const payloads = ['', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65_535), 'x'.repeat(70_000)];
    const { read, frames } = reader();
    for (const payload of payloads) read.push(serverFrame(payload));
    expect(frames).toEqual(payloads.map((payload) => `1:${payload}`));
  });

  test('are the same however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 300 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        (payloads, cuts) => {
          const all = Buffer.concat(payloads.map((payload) => serverFrame(payload)));
          const { read, frames } = reader();
          for (let at = 0, i = 0; at < all.length; i++) {
            const to = Math.min(all.length, at + cuts[i % cuts.length]!);
            // One buffer for everything that comes, as sockets have it: what is kept of it must be copied.
            const shared = Buffer.from(all.subarray(at, to));
            read.push(shared);
            shared.fill(0);
            at = to;
          }
          expect(frames).toEqual(payloads.map((payload) => `1:${payload}`));
        },
      ),
    );
  });

  test('are read from a part of a buffer only', () => {
    const { read, frames } = reader();
    const chunk = Buffer.concat([Buffer.from('head'), serverFrame('2'), serverFrame('old')]);
    read.push(chunk, 4, 4 + 3);
    expect(frames).toEqual(['1:2']);
  });

  test('must be neither fragmented nor masked', () => {
    expect(() => reader().read.push(Buffer.from([0x01, 1, 0x32]))).toThrow('fragmented');
    expect(() => reader().read.push(textFrame('2'))).toThrow('mask');
  });
});

test('a client’s frame is masked with a key that changes nothing', () => {
  const bytes = textFrame('40{}');
  expect([...bytes.subarray(0, 6)]).toEqual([0x81, 0x84, 0, 0, 0, 0]);
  expect(bytes.toString('utf8', 6)).toBe('40{}');
  expect(textFrame('x'.repeat(300)).readUInt16BE(2)).toBe(300);
  expect(textFrame('é').length).toBe(8);
});
