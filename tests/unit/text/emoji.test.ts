import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { emojiOf, reactionForm } from '../../../src/text/emoji.js';

test.each<[what: string, given: string, stored: string]>([
  ['a heart that is a picture', '❤\ufe0f', '❤\ufe0f'],
  ['a heart without a selector', '❤', '❤\ufe0f'],
  ['a heart that is text', '❤\ufe0e', '❤\ufe0f'],
  ['a thumb', '👍', '👍'],
  ['a thumb with a needless selector', '👍\ufe0f', '👍'],
  ['a thumb with a tone', '👍🏽', '👍🏽'],
  ['a finger with a tone', '☝🏽', '☝🏽'],
  ['a finger with selector and tone', '☝\ufe0f🏽', '☝🏽'],
  ['joined', '👩\u200d💻', '👩\u200d💻'],
  ['joined with a tone', '👩🏽\u200d💻', '👩🏽\u200d💻'],
  ['joined without its selector', '🏳\u200d🌈', '🏳\ufe0f\u200d🌈'],
  ['joined with its selector', '🏳\ufe0f\u200d🌈', '🏳\ufe0f\u200d🌈'],
  ['a detective without selectors', '🕵\u200d♀', '🕵\ufe0f\u200d♀\ufe0f'],
  ['a couple', '👩🏻\u200d❤\ufe0f\u200d💋\u200d👨🏿', '👩🏻\u200d❤\ufe0f\u200d💋\u200d👨🏿'],
  ['a family', '👨\u200d👩\u200d👧\u200d👦', '👨\u200d👩\u200d👧\u200d👦'],
  ['a flag', '🇩🇪', '🇩🇪'],
  [
    'the flag of Scotland',
    '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
    '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}',
  ],
  ['a key', '1\u20e3', '1\ufe0f⃣'],
  ['a sign that is a letter', '™', '™\ufe0f'],
])('%s is one emoji', (_what, given, stored) => {
  expect(emojiOf(given)).toBe(stored);
  expect(emojiOf(stored)).toBe(stored);
});

test.each([
  '',
  'x',
  '1',
  '#',
  'lol',
  ':+1:',
  '👍👍',
  '👍 ',
  ' 👍',
  '👍a',
  '🇩',
  '👩\u200d',
  '\u200d',
  '\ufe0f',
  '🏴\u{e0061}\u{e007f}',
  '★',
  'ا',
])('%j is none', (text) => {
  expect(emojiOf(text)).toBeNull();
});

test('what is not one stays as it is, and the form of a form is itself', () => {
  expect(reactionForm('lgtm')).toBe('lgtm');
  const part = fc.constantFrom('❤', '\ufe0f', '\ufe0e', '\u200d', '👩', '💻', '🏽', '1', '\u20e3', '🏳', 'x');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const form = reactionForm(parts.join(''));
      expect(reactionForm(form)).toBe(form);
    }),
  );
});
