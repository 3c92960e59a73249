import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isAtWebSocketDoor, readTarget } from '../../../src/gateway/websocket/address.js';
import { longestRef, readFrame, refIn, withoutOwnId } from '../../../src/gateway/websocket/frame.js';
import type { Fault } from '../../../src/kernel/errors.js';
import { bounds } from '../../../src/protocol/primitives.js';

const fault = (run: () => unknown): Fault => {
  try {
    run();
  } catch (thrown) {
    return thrown as Fault;
  }
  throw new Error('it was taken');
};
const id = '665f1c2ab3d4e5f60718293a';

describe('an address of the door', () => {
  test.each([
    ['/ws', { memberId: undefined, token: undefined }],
    ['/ws?x=1', { memberId: undefined, token: undefined }],
    ['/ws?token=a.b-c_d', { memberId: undefined, token: 'a.b-c_d' }],
    ['/ws?token=', { memberId: undefined, token: '' }],
    ['/ws?x=?token=y&token=a%20b', { memberId: undefined, token: 'a b' }],
    [`/ws/${id}`, { memberId: id, token: undefined }],
    [`/ws/${id}?token=t`, { memberId: id, token: 't' }],
  ])('%s', (target, asked) => {
    expect(isAtWebSocketDoor(target)).toBe(true);
    expect(readTarget(target)).toEqual(asked);
  });

  test.each(['/ws/', '/ws/x', `/ws/${id}/`, `/ws/${id.toUpperCase()}`, `/ws/${id}/x`, '/ws?token=a&token=b', `/ws/${id}?token=&token=`])(
    '%s is none',
    (target) => {
      expect(isAtWebSocketDoor(target)).toBe(true);
      expect(readTarget(target)).toBeUndefined();
    },
  );

  test.each(['/', '/wsx', '/socket.io/', '/api/ws', '/WS', '//ws', undefined])('%s is elsewhere', (target) => {
    expect(isAtWebSocketDoor(target)).toBe(false);
  });
});

describe('a frame', () => {
  test.each<[string, unknown]>([
    ['{"action":"a"}', { action: 'a', ref: undefined, payload: {} }],
    ['{"action":"a","ref":1,"x":{"ref":2}}', { action: 'a', ref: 1, payload: { x: { ref: 2 } } }],
    [' {"x":[1] , "ref" : "é" , "action" : "a"}\n', { action: 'a', ref: 'é', payload: { x: [1] } }],
    ['{"action":"a","event":"e","ok":true,"data":1}', { action: 'a', ref: undefined, payload: { event: 'e', ok: true, data: 1 } }],
  ])('%s is read', (text, frame) => {
    expect(readFrame(text)).toEqual(frame);
  });

  test.each<[string, string | undefined]>([
    ['', undefined],
    ['{', undefined],
    ['null', undefined],
    ['[]', undefined],
    ['"x"', undefined],
    ['1', undefined],
    ['{}', 'action'],
    ['{"action":1}', 'action'],
    ['{"action":""}', 'action'],
    ['{"action":null}', 'action'],
    [`{"action":"${'x'.repeat(65)}"}`, 'action'],
    ['{"action":"a","ref":null}', 'ref'],
    ['{"action":"a","ref":""}', 'ref'],
    ['{"action":"a","ref":{}}', 'ref'],
    ['{"action":"a","ref":true}', 'ref'],
    ['{"action":"a","ref":1e999}', 'ref'],
    [`{"action":"a","ref":"${'x'.repeat(longestRef + 1)}"}`, 'ref'],
    ['{"action":"a","__proto__":{"x":1}}', undefined],
    ['{"action":"a","__\\u0070roto__":{"x":1}}', undefined],
    ['{"action":"a","constructor":{"prototype":{}}}', undefined],
    [`{"action":"a","x":${'['.repeat(bounds.depth)}${']'.repeat(bounds.depth)}}`, undefined],
    [`{"action":"a","x":${'['.repeat(400_000)}`, undefined],
    [`{"action":"a","x":[${'0,'.repeat(10_000)}0]}`, undefined],
  ])('%.60s is refused', (text, path) => {
    const refused = fault(() => readFrame(text));
    expect(refused.code).toBe('validation_failed');
    expect(refused.errors?.map((error) => error.path)).toEqual(path === undefined ? undefined : [path]);
  });

  test('nothing of what was sent is in a refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 20 }), (secret) => {
        for (const text of [secret, JSON.stringify({ [secret]: 1 }), JSON.stringify({ action: [secret] }), JSON.stringify([secret])]) {
          expect(JSON.stringify(fault(() => readFrame(text)))).not.toContain(secret);
        }
      }),
    );
  });

  test('of another member is refused where it may say whose it is, and not taken elsewhere', () => {
    for (const action of ['join_community', 'join_thread', 'typing', 'stop_typing']) {
      const payload = { thread_id: 't', user_id: id };
      expect(withoutOwnId({ action, ref: undefined, payload }, id)).toEqual({ thread_id: 't' });
      expect(fault(() => withoutOwnId({ action, ref: undefined, payload }, 'x')).code).toBe('forbidden');
      expect(fault(() => withoutOwnId({ action, ref: undefined, payload }, undefined)).code).toBe('forbidden');
      const odd = fault(() => withoutOwnId({ action, ref: undefined, payload: { user_id: { $ne: id } } }, id));
      expect([odd.code, odd.errors]).toEqual(['validation_failed', [{ path: 'user_id', message: 'must be an id' }]]);
    }
    const payload = { user_id: id };
    expect(withoutOwnId({ action: 'mark_read', ref: undefined, payload }, 'x')).toBe(payload);
  });
});

describe('the ref of a frame that is not parsed', () => {
  test('is the one that would be parsed, wherever it stands', () => {
    const scalar = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
    const inner = fc.oneof(
      scalar,
      fc.record({ ref: scalar, '"ref"': scalar }),
      fc.array(fc.constantFrom('ref', '"ref":1', '\\"ref\\":1', '{', '}', '[', '"')),
    );
    const ref = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((s) => s.length <= longestRef),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), inner, { maxKeys: 4 }), ref, inner, (before, ref, after) => {
        // A number alone may be written in more characters than are looked at: JSON writes 24 at most.
        const frame = { ...before, ref, after };
        for (const text of [JSON.stringify(frame), JSON.stringify(frame, null, 2)]) {
          if (text.length < 4_000) expect(refIn(text)).toEqual(JSON.parse(JSON.stringify(ref)));
        }
      }),
    );
  });

  test.each([
    ['', undefined],
    ['"ref":1', undefined],
    ['["ref",1]', undefined],
    ['{"x":{"ref":1}}', undefined],
    ['{"x":"ref","y":1}', undefined],
    ['{"x":"\\"ref\\":1"}', undefined],
    ['{"ref":{"ref":1}}', undefined],
    ['{"ref":""}', undefined],
    ['{"ref":1e999}', undefined],
    ['{"ref":--}', undefined],
    [`{"ref":"${'x'.repeat(65)}"}`, undefined],
    [`{"x":"${'x'.repeat(5_000)}","ref":1}`, undefined],
    ['{"ref":7,"x":[[[[', 7],
    ['{"x":[1,2],"ref":"a', undefined],
    [`{"ref":"${'\\u0061'.repeat(64)}"`, 'a'.repeat(64)],
  ])('%.40s', (text, ref) => {
    expect(refIn(text)).toBe(ref);
  });

  test('anything at all neither throws nor takes long', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void refIn(text)));
    for (const text of ['{'.repeat(1e6), '"'.repeat(1e6), '\\'.repeat(1e6), `{"ref"${' '.repeat(1e6)}`, `{"ref":"${'\\'.repeat(1e6)}`]) {
      expect(refIn(text)).toBeUndefined();
    }
  });
});
