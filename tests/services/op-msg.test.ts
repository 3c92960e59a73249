import { describe, expect, test } from '@jest/globals';
import { deserialize, serialize } from 'bson';
import { MessageReader, parseRequest, replyHead, WireError } from '../../scripts/services/documentdb/op-msg.js';
import { rawFields, rawString, withoutFields } from '../../scripts/services/documentdb/raw-document.js';

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const message = (opCode: number, body: Buffer, id = 7): Buffer =>
  Buffer.concat([int32(16 + body.length), int32(id), int32(0), int32(opCode), body]);
const command = (document: object): Buffer => Buffer.concat([Buffer.from([0]), Buffer.from(serialize(document))]);
const sequence = (name: string, documents: object[]): Buffer => {
  const body = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map((document) => Buffer.from(serialize(document)))]);
  return Buffer.concat([Buffer.from([1]), int32(4 + body.length), body]);
};

describe('MongoDB’s wire messages', () => {
  test('are cut out of a stream whatever its pieces are', () => {
    const whole = Buffer.concat([1, 2, 3].map((n) => message(2013, Buffer.concat([int32(0), command({ ping: n })]), n)));
    for (const size of [1, 3, 17, whole.length]) {
      const reader = new MessageReader();
      const found: number[] = [];
      for (let at = 0; at < whole.length; at += size) {
        for (const one of reader.push(whole.subarray(at, at + size))) found.push(deserialize(parseRequest(one).command).ping as number);
      }
      expect(found).toEqual([1, 2, 3]);
    }
  });

  test('keep the documents beside a command as their bytes', () => {
    const documents = [{ a: 1 }, { b: 'two' }];
    const request = parseRequest(
      message(2013, Buffer.concat([int32(0), sequence('documents', documents), command({ insert: 'c', $db: 'd' })])),
    );
    expect(request.sequenceName).toBe('documents');
    expect(request.sequence).toEqual(Buffer.concat(documents.map((document) => Buffer.from(serialize(document)))));
    expect(request.wantsReply).toBe(true);
    expect(deserialize(request.command)).toEqual({ insert: 'c', $db: 'd' });
  });

  test('may want no reply', () => {
    expect(parseRequest(message(2013, Buffer.concat([int32(2), command({ insert: 'c' })]))).wantsReply).toBe(false);
  });

  test('may be the old query of a first handshake', () => {
    const body = Buffer.concat([int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1), Buffer.from(serialize({ ismaster: 1 }))]);
    const request = parseRequest(message(2004, body));
    expect(request.legacy).toBe(true);
    expect(deserialize(request.command)).toEqual({ ismaster: 1 });
    const head = replyHead(request, 100);
    expect([head.readInt32LE(0), head.readInt32LE(8), head.readInt32LE(12)]).toEqual([136, 7, 1]);
  });

  test.each([
    ['an unknown operation', message(2010, Buffer.alloc(8))],
    ['a section that is too long', message(2013, Buffer.concat([int32(0), Buffer.from([0]), int32(500)]))],
    ['an unknown section', message(2013, Buffer.concat([int32(0), Buffer.from([9]), int32(5), Buffer.alloc(8)]))],
    ['nothing', message(2013, int32(0))],
  ])('are refused when they hold %s', (_what, bytes) => {
    expect(() => parseRequest(bytes)).toThrow(WireError);
  });

  test('of impossible length end the connection', () => {
    expect(() => new MessageReader().push(Buffer.concat([int32(50_000_000), Buffer.alloc(12)]))).toThrow(WireError);
    expect(() => new MessageReader().push(Buffer.concat([int32(3), Buffer.alloc(12)]))).toThrow(WireError);
  });
});

describe('documents that stay bytes', () => {
  test('lose fields without being decoded', () => {
    const document = Buffer.from(serialize({ find: 'messages', filter: { a: 1 }, lsid: { id: 'x' }, $db: 'parley', limit: 5 }));
    const fields = rawFields(document);
    expect(fields.map(({ name }) => name)).toEqual(['find', 'filter', 'lsid', '$db', 'limit']);
    expect(rawString(document, fields[3])).toBe('parley');
    expect(rawString(document, fields[4])).toBeUndefined();
    expect(deserialize(withoutFields(document, fields, new Set(['lsid', '$db'])))).toEqual({
      find: 'messages',
      filter: { a: 1 },
      limit: 5,
    });
    expect(withoutFields(document, fields, new Set(['nothing']))).toBe(document);
  });
});
