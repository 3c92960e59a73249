import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMail, encodeMail, type RoomEvent } from '../../../src/gateway/socket/room-mail.js';

const text = fc.string({ unit: 'binary' });
const event: fc.Arbitrary<RoomEvent> = fc
  .record({
    name: text,
    payload: fc.jsonValue(),
    change: fc.option(fc.record({ thread_id: text.filter((id) => id !== ''), rev: fc.maxSafeInteger() }), { nil: undefined }),
  })
  .map(({ name, payload, change }) => ({ name, text: JSON.stringify([name, payload]), change }));
const mail = fc.record({ events: fc.array(event, { minLength: 1, maxLength: 10 }), except: fc.option(text, { nil: undefined }) });

test('what one node sends is what another reads', () => {
  fc.assert(fc.property(mail, (sent) => expect(decodeMail('b', encodeMail('a', sent))).toEqual(sent)));
});

test("one's own mail is not read", () => {
  fc.assert(fc.property(mail, (sent) => expect(decodeMail('a', encodeMail('a', sent))).toBeUndefined()));
});

test('mail that was cut off or has something in the middle is refused, or read as something that was sent', () => {
  fc.assert(
    fc.property(mail, fc.nat(), (sent, at) => {
      const whole = encodeMail('a', sent);
      const lines = whole.split('\n');
      expect(decodeMail('b', lines.slice(0, at % lines.length).join('\n'))).toBeUndefined();
      expect(decodeMail('b', `${whole}\n["more",1]`)).toBeUndefined();
    }),
  );
});

const header = (events: unknown): string => JSON.stringify([1, 'a', null, events]);

test.each([
  ['nothing', ''],
  ['not JSON', '{'],
  ['not a list', '{"from":"a"}'],
  ['another version', '[2,"a",null,[["x","",0]]]\n["x",1]'],
  ['no sender', '[1,null,null,[["x","",0]]]\n["x",1]'],
  ['an exception that is no room', '[1,"a",7,[["x","",0]]]\n["x",1]'],
  ['no events', header([])],
  ['events that are no list', header('x')],
  ['an event without its line', header([['x', '', 0]])],
  ['a line without its event', `${header([['x', '', 0]])}\n["x",1]\n["x",2]`],
  ['a rev that is no number', `${header([['x', 't', '1']])}\n["x",1]`],
  ['a rev that is no integer', `${header([['x', 't', 1.5]])}\n["x",1]`],
  ['an event that is null', `${header([null])}\n["x",1]`],
  ['a line that is no event', `${header([['x', '', 0]])}\n{}`],
  ['a line of another event', `${header([['x', '', 0]])}\n["y",1]`],
  ['an event with a rest', `${header([['x', '', 0]])}\n["x",1]]x`],
])('%s is refused', (_what, junk) => {
  expect(decodeMail('b', junk)).toBeUndefined();
});

test('junk of any kind is refused, and nothing throws', () => {
  fc.assert(fc.property(fc.oneof(text, fc.json(), fc.jsonValue().map(header)), (junk) => expect(decodeMail('b', junk)).toBeUndefined()));
});
