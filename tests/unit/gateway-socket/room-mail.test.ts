import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMail, decodeWord, encodeMail, encodeWord, type RoomEvent } from '../../../src/gateway/socket/room-mail.js';

const text = fc.string({ unit: 'binary' });
const event: fc.Arbitrary<RoomEvent> = fc
  .record({
    name: text,
    payload: fc.jsonValue(),
    change: fc.option(fc.record({ of: text.filter((id) => id !== ''), rev: fc.maxSafeInteger() }), { nil: undefined }),
  })
  .map(({ name, payload, change }) => ({ name, text: JSON.stringify([name, payload]), change }));
const sending = { events: fc.array(event, { minLength: 1, maxLength: 10 }), except: fc.option(text, { nil: undefined }) };
const mail = fc.oneof(fc.record(sending), fc.record({ ...sending, audience: text }));

test('what one node sends is what another reads', () => {
  fc.assert(fc.property(mail, (sent) => expect(decodeMail('b', encodeMail('a', sent))).toEqual(sent)));
});

test("one's own mail is not read", () => {
  fc.assert(fc.property(mail, (sent) => expect(decodeMail('a', encodeMail('a', sent))).toBeUndefined()));
});

test('mail to everybody has the form that nodes of a release before read and send', () => {
  const sent = { events: [{ name: 'x', text: '["x",1]', change: { of: 't', rev: 2 } }], except: undefined };
  expect(encodeMail('a', sent)).toBe('[1,"a",null,[["x","t",2]]]\n["x",1]');
  expect(decodeMail('b', '[1,"a",null,[["x","t",2]]]\n["x",1]')).toEqual(sent);
});

test('mail to an audience has a form that they refuse, since they would give it to everybody', () => {
  fc.assert(fc.property(fc.record({ ...sending, audience: text }), (sent) => expect(encodeMail('a', sent)).toMatch(/^\[2,/)));
});

test('a word among the events is what was said, and neither mail nor one’s own', () => {
  fc.assert(
    fc.property(text, fc.dictionary(fc.string(), fc.jsonValue()), (from, said) => {
      const word = JSON.parse(JSON.stringify(said)) as object;
      expect(decodeWord(`not ${from}`, encodeWord(from, word))).toEqual(word);
      expect(decodeWord(from, encodeWord(from, word))).toBeUndefined();
      expect(decodeMail(`not ${from}`, encodeWord(from, word))).toBeUndefined();
    }),
  );
  fc.assert(fc.property(mail, (sent) => expect(decodeWord('b', encodeMail('a', sent))).toBeUndefined()));
});

test.each([['[3,'], ['[3,"a"]'], ['[3,7,{}]'], ['[3,"a",null]'], ['[3,"a","x"]'], ['[4,"a",{}]'], ['']])('%s is no word', (junk) => {
  expect(decodeWord('b', junk)).toBeUndefined();
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
  ['another version', '[4,"a",null,[["x","",0]]]\n["x",1]'],
  ['an audience that is not named', '[2,"a",null,[["x","",0]]]\n["x",1]'],
  ['an audience that is no thread', '[2,"a",null,[["x","",0]],7]\n["x",1]'],
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
