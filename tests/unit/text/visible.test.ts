import { describe, expect, test } from '@jest/globals';
import { isBlank, misleads, withoutUnseen } from '../../../src/text/visible.js';

const blanks = {
  nothing: '',
  space: ' \t\n',
  'ideographic space': '\u3000',
  'next line': '\u0085',
  'Hangul fillers': '\u3164\u115f\u1160\uffa0',
  'Braille blank': '\u2800',
  'soft hyphen': '\u00ad',
  'zero-width space': '\u200b',
  joiners: '\u200c\u200d',
  'word joiner': '\u2060',
  'byte order mark': '\ufeff',
  'grapheme joiner': '\u034f',
  'Khmer vowels that nobody sees': '\u17b4\u17b5',
  'Mongolian separators': '\u180b\u180e',
  'variation selectors': '\ufe0f\u{e0100}',
  tags: '\u{e0041}\u{e007f}',
  'bidi marks': '\u200e\u200f\u061c\u202e\u2066',
  'interlinear annotation': '\ufff9\ufffb',
  'no characters': '\uffff\ufdd0',
  'null note head': '\u{1d159}',
  'Khitan filler': '\u{16fe4}',
};

describe('what shows nothing is blank', () => {
  test.each(Object.entries(blanks))('%s', (_name, text) => expect(isBlank(text)).toBe(true));
  test.each(['a', '.', '❤', '\u3164a', 'ー', 'ا', '👩\u200d💻', '\u0301', '０'])('%j is not', (text) => expect(isBlank(text)).toBe(false));
});

describe('lines with what scripts and emoji need are taken', () => {
  test.each<[what: string, line: string]>([
    ['Persian', 'می\u200cخواهم'],
    ['Persian behind a figure', '۲۰\u200cساله'],
    ['Persian behind a haraka', 'کَ\u200cها'],
    ['Devanagari half form', 'क्\u200dष'],
    ['Bengali ya-phalaa', 'র\u200d্যাব'],
    ['Malayalam chillu at the end', 'അവന്\u200d'],
    ['Malayalam virama at the end', 'ക്\u200c'],
    ['Sinhala', 'ශ්\u200dරී ලංකා'],
    ['Kannada', 'ರಾಜ್\u200cಕುಮಾರ್'],
    ['Khmer', 'ភាសា\u200cខ្មែរ'],
    ['Mongolian', 'ᠮᠣᠩᠭᠣᠯ\u180eᠠ'],
    ['a Han letter of a family', '葛\u{e0100}城'],
    ['hieroglyphs', '\u{13000}\u{13430}\u{13001}'],
    ['joined emoji', 'Ada 👩\u200d💻'],
    ['joined emoji with a tone', '👩🏽\u200d💻'],
    ['joined emoji with a selector', '❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈 🏴\u200d☠\ufe0f'],
    ['a key', '1\ufe0f⃣'],
    ['text style', '❤\ufe0e'],
    [
      'flags',
      '🇩🇪 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} 🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}',
    ],
    ['Hebrew', 'שָׁלוֹם'],
    ['Arabic number sign', '\u0600١'],
  ])('%s', (_what, line) => {
    expect(misleads(line)).toBeNull();
    expect(withoutUnseen(line)).toBe(line);
  });
});

describe('lines that would mislead are refused, and told why', () => {
  test.each<[what: string, line: string, why: RegExp, cleaned: string]>([
    ...Object.entries(blanks)
      .filter(([name]) => !['nothing', 'space', 'ideographic space', 'next line'].includes(name))
      .map(([name, blank]): [string, string, RegExp, string] => [`a clone by ${name}`, `Ann${blank}`, /invisible|direction/, 'Ann']),
    ['a joint of hieroglyphs behind a letter', 'Ann\u{13430}', /invisible/, 'Ann'],
    ['override', '\u202ennA\u202c', /direction/, 'nnA'],
    ['isolate', 'a\u2067b\u2069', /direction/, 'ab'],
    ['Arabic letter mark', 'ا\u061cب', /direction/, 'اب'],
    ['line end', 'a\nb', /one line/, 'a b'],
    ['line separator', 'a\u2028b', /one line/, 'a b'],
    ['tab', 'a\tb', /invisible/, 'a b'],
    ['C1 control', 'a\u0092b', /invisible/, 'ab'],
    ['joiner between Latin letters', 'An\u200dn', /invisible/, 'Ann'],
    ['two joiners', 'می\u200c\u200cخ', /invisible/, 'میخ'],
    ['joiner before a space', 'می\u200c خ', /invisible/, 'می خ'],
    ['joiner at the end', 'می\u200c', /invisible/, 'می'],
    ['joiner between an emoji and a letter', '👩\u200da', /invisible/, '👩a'],
    ['selector behind a letter', 'Ann\ufe0f', /invisible/, 'Ann'],
    ['selector behind a figure', 'Ann1\ufe0f', /invisible/, 'Ann1'],
    ['tags behind a flag that spell nothing', '🏴\u{e0061}\u{e0062}', /invisible/, '🏴'],
  ])('%s', (_what, line, why, cleaned) => {
    expect(misleads(line)).toMatch(why);
    expect(withoutUnseen(line)).toBe(cleaned);
    expect(misleads(withoutUnseen(line))).toBeNull();
  });
});
