import { describe, expect, it } from '@jest/globals';
import { around, grownDown, grownUp, type MessageWindow, maxRows, newest, rowsOf, settled } from '../../../web/src/message-window.js';
import { inviteOf, nowhere, pathOf, placeOf } from '../../../web/src/place.js';
import { hexId, me, ThreadModel } from './thread-model.js';

const at = (path: string) => placeOf(new URL(path, 'http://page'));

describe('places', () => {
  const [community, thread] = [hexId(1), hexId(2)];

  it('are what their address says', () => {
    for (const place of [nowhere, { ...nowhere, community }, { ...nowhere, community, thread }, { community, thread, message: 7 }]) {
      expect(at(pathOf(place))).toEqual(place);
    }
  });

  it('are nowhere for any other address', () => {
    for (const path of ['/c/', '/c/xyz', `/c/${community}/x`, `/t/${thread}`, '/elsewhere']) expect(at(path)).toEqual(nowhere);
    for (const path of ['/', '/invites/', '/invites/a.b', '/invites/a/b', `/invites/${'x'.repeat(65)}`, '/x/invites/a'])
      expect(inviteOf(new URL(path, 'http://page'))).toBeNull();
    expect(inviteOf(new URL('/invites/V1StGXR8_Z5jdHi6B-myTqLw?x#y', 'http://page'))).toBe('V1StGXR8_Z5jdHi6B-myTqLw');
    for (const m of ['0', '-1', '1.5', 'x', '']) expect(at(`/c/${community}/t/${thread}?m=${m}`).message).toBeNull();
  });
});

describe('the drawn part of a thread', () => {
  const model = new ThreadModel();
  for (let i = 0; i < 1_000; i++) model.create(me, 'x');
  const messages = model.all(me);
  const seqs = (window: MessageWindow): [number | undefined, number | undefined, number] => {
    const rows = rowsOf(messages, window);
    return [rows[0]?.seq, rows.at(-1)?.seq, rows.length];
  };

  it('begins at the newest', () => expect(seqs(newest)).toEqual([901, 1_000, 100]));

  it('grows upwards to the first, and downwards to the newest again, never too large and never with a gap', () => {
    let window = newest;
    let first = 901;
    for (let next = grownUp(messages, window); next; next = grownUp(messages, window)) {
      window = next;
      const [from, to, count] = seqs(window);
      expect(count).toBe(to! - from! + 1);
      expect(count).toBeLessThanOrEqual(maxRows);
      expect(from).toBeLessThan(first);
      first = from!;
    }
    expect(first).toBe(1);
    for (let next = grownDown(messages, window); next; next = grownDown(messages, window)) {
      window = next;
      expect(seqs(window)[2]).toBeLessThanOrEqual(maxRows);
    }
    expect(seqs(window)[1]).toBe(1_000);
  });

  it('holds its first row while one reads further up, and follows the newest at the end', () => {
    const before = messages.slice(0, 500);
    const held = settled(before, newest, false);
    expect(rowsOf(before, held).map(({ seq }) => seq)).toEqual(rowsOf(before, newest).map(({ seq }) => seq));
    expect(rowsOf(messages.slice(0, 550), held)[0]?.seq).toBe(401);
    expect(rowsOf(messages, held)).toHaveLength(maxRows);
    expect(settled(messages.slice(0, 550), held, true)).toBe(held);
    expect(settled(messages.slice(0, 650), held, true)).toBe(newest);
    expect(settled(messages, newest, true)).toBe(newest);
  });

  it('has a message that is asked for in it', () => {
    for (const seq of [1, 30, 500, 999, 1_000]) {
      const [from, to] = seqs(around(messages, seq));
      expect(from! <= seq && seq <= to!).toBe(true);
    }
  });
});
