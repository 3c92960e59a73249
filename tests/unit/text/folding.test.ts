import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../../../src/text/folding.js';

/** For each script or language: what is written, and what it is compared as. */
const table: Record<string, [written: string, folded: string][]> = {
  English: [
    ['Ada LOVELACE', 'ada lovelace'],
    ['naïve café', 'naive cafe'],
    ['O’Brien', "o'brien"],
    ['Anne\u2011Marie', 'anne-marie'],
    ['docu\u00admentation', 'documentation'],
    ['  two   spaces\t', 'two spaces'],
  ],
  German: [
    ['Straße', 'strasse'],
    ['STRASSE', 'strasse'],
    ['STRAẞE', 'strasse'],
    ['Müller', 'muller'],
  ],
  French: [
    ['l’École', "l'ecole"],
    ['Œuvre', 'oeuvre'],
    ['garçon', 'garcon'],
  ],
  Spanish: [
    ['José Ñandú', 'jose nandu'],
    ['1ª', '1a'],
  ],
  Polish: [
    ['Łódź', 'lodz'],
    ['Żółć', 'zolc'],
  ],
  Danish: [
    ['København', 'kobenhavn'],
    ['Ærø', 'aero'],
    ['Århus', 'arhus'],
  ],
  Icelandic: [
    ['Þórður', 'thordur'],
    ['Ísafjörður', 'isafjordur'],
  ],
  Croatian: [
    ['Đorđe', 'dorde'],
    ['ǅungla', 'dzungla'],
  ],
  Maltese: [['Ħal Għaxaq', 'hal ghaxaq']],
  Turkish: [
    ['İstanbul', 'istanbul'],
    ['ISPARTA', 'isparta'],
    ['Isparta', 'isparta'],
    ['ısparta', 'isparta'],
  ],
  Vietnamese: [
    ['Nguyễn', 'nguyen'],
    ['Đà Nẵng', 'da nang'],
  ],
  Afrikaans: [['ŉ', "'n"]],
  Greek: [
    ['Ὀδυσσεύς', 'οδυσσευσ'],
    ['ΟΔΥΣΣΕΥΣ', 'οδυσσευσ'],
    ['Ελλάδα', 'ελλαδα'],
    ['ᾳ', 'α'],
  ],
  Cyrillic: [
    ['Ёлка', 'елка'],
    ['МОСКВА', 'москва'],
    ['Йод', 'иод'],
    ['Київ', 'киів'],
  ],
  Armenian: [
    ['ԵՐԵՎԱՆ', 'երեվան'],
    ['և', 'եւ'],
  ],
  Georgian: [['ᲗᲑᲘᲚᲘᲡᲘ', 'თბილისი']],
  Arabic: [
    ['كَتَبَ', 'كتب'],
    ['مـــرحبا', 'مرحبا'],
    ['أحمد', 'احمد'],
    ['إيمان', 'ايمان'],
    ['ٱلله', 'الله'],
    ['موسى', 'موسي'],
    ['ﷲ', 'الله'],
    ['٢٠٢٦', '2026'],
  ],
  Persian: [
    ['می\u200cخواهم', 'ميخواهم'],
    ['ميخواهم', 'ميخواهم'],
    ['کتاب', 'كتاب'],
    ['خانۀ', 'خانه'],
    ['خانهٔ', 'خانه'],
    ['۱۴۰۵', '1405'],
  ],
  Hebrew: [
    ['שָׁלוֹם', 'שלום'],
    ['צה׳ל', "צה'ל"],
    ['תל־אביב', 'תל-אביב'],
  ],
  Devanagari: [
    ['हिन्दी', 'हिन्दी'],
    ['ज़िन्दगी', 'ज़िन्दगी'],
    ['२०२६', '2026'],
    ['क्\u200dष', 'क्ष'],
  ],
  Bengali: [
    ['বাংলা', 'বাংলা'],
    ['কো', 'কো'],
  ],
  Tamil: [['தமிழ்', 'தமிழ்']],
  Malayalam: [['മലയാളം', 'മലയാളം']],
  Thai: [
    ['ภาษาไทย', 'ภาษาไทย'],
    ['กี่', 'กี่'],
    ['๑๒', '12'],
  ],
  Khmer: [['ភាសាខ្មែរ', 'ភាសាខ្មែរ']],
  Tibetan: [['བོད', 'བོད']],
  Japanese: [
    ['ユーザー', 'ゆーざー'],
    ['ゆーざー', 'ゆーざー'],
    ['ﾕｰｻﾞｰ', 'ゆーざー'],
    ['ガギグ', 'がぎぐ'],
    ['ﾊﾟﾝ', 'ぱん'],
    ['かき', 'かき'],
    ['㍿', '株式会社'],
    ['ＩＤ１２３', 'id123'],
    ['葛\u{e0100}城', '葛城'],
  ],
  Chinese: [
    ['山田太郎', '山田太郎'],
    ['\uf9e1', '\u674e'],
    ['　全角　空格　', '全角 空格'],
  ],
  Korean: [
    ['한국어', '한국어'],
    ['ﾡￂ', '가'],
    ['한국어'.normalize('NFD'), '한국어'],
  ],
  emoji: [
    ['❤\ufe0f', '❤'],
    ['❤', '❤'],
    ['👩\u200d💻', '👩\u200d💻'],
    ['❤\ufe0f\u200d🔥', '❤\u200d🔥'],
    ['👍🏽', '👍🏽'],
    ['🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
    ['🇩🇪', '🇩🇪'],
    ['1\ufe0f⃣', '1⃣'],
  ],
  'compatibility forms': [
    ['ﬁnance', 'finance'],
    ['ＦＵＬＬ', 'full'],
    ['x²', 'x2'],
    ['Ⅳ', 'iv'],
    ['𝓐𝓭𝓪', 'ada'],
    ['\u212a', 'k'],
  ],
  'what is not seen': [
    ['A\u200bd\u2060a\ufeff', 'ada'],
    ['Ann\u3164', 'ann'],
    ['\u202eAnn\u202c', 'ann'],
    ['a\u200db', 'ab'],
    ['\u3164', ''],
  ],
};

describe('text is compared by its folded form', () => {
  for (const [language, pairs] of Object.entries(table)) {
    test(language, () => {
      expect(pairs.map(([written]) => [written, fold(written)])).toEqual(
        pairs.map(([written, folded]) => [written, folded.normalize('NFC')]),
      );
    });
  }

  test('what is different stays different', () => {
    for (const [one, other] of [
      ['がく', 'かく'],
      ['คา', 'คี'],
      ['कि', 'की'],
      ['한', '하'],
      ['ث', 'ت'],
      ['👩\u200d💻', '👩💻'],
      ['🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
      ['👍🏽', '👍'],
    ] as const)
      expect([one, other, fold(one) === fold(other)]).toEqual([one, other, false]);
  });

  const holds = (text: string): void => {
    const once = fold(text);
    expect([text, fold(once)]).toEqual([text, once]);
    expect([text, fold(text.normalize('NFD'))]).toEqual([text, once]);
    expect([text, fold(text.normalize('NFC'))]).toEqual([text, once]);
  };

  /** Every character that Unicode knows, but for the Han letters that are only themselves. */
  const characters = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code)).filter(
    (one) => !/[\p{Cn}\p{Co}\p{Cs}]/u.test(one) && !(/\p{sc=Han}/u.test(one) && one.normalize('NFKD') === one),
  );

  test('folding again changes nothing, and composed and decomposed texts fold alike: every character', () => {
    const wrong: string[] = [];
    for (const text of characters) {
      const once = fold(text);
      if (fold(once) !== once || fold(text.normalize('NFD')) !== once || fold(text.normalize('NFC')) !== once) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });

  test('the same of any text', () => {
    const touchy = [...'aAßẞıİΣςσ\u0345\u0301\u0327\u0308\u0654\u06d5\u0647\u0640\u064e\u05b0שカハ\u3099\u309a'];
    const unseen = [...'\u200c\u200d\u00ad\u034f\ufe0f\u3164\u115f\u1160 '];
    const others = ['अ', '्', '़', 'ก', '้', 'ำ', 'ᄀ', 'ᅡ', 'ᆨ', '👩', '💻', '🏽', '🏴', '\u{e0067}', '\u{e007f}', '1', '٣', '\ud800'];
    const part = fc.oneof(fc.constantFrom(...touchy, ...unseen, ...others), fc.string({ unit: 'binary', maxLength: 2 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => holds(parts.join(''))),
      { numRuns: 5_000 },
    );
  });

  // Not the iota subscript: it is a mark that people leave out, and a letter in upper case.
  test('upper and lower case of every letter fold alike', () => {
    const wrong: string[] = [];
    for (const text of characters.filter((one) => /^\p{L}$/u.test(one) && !one.normalize('NFD').includes('\u0345'))) {
      if (fold(text.toUpperCase()) !== fold(text) || fold(text.toLowerCase()) !== fold(text)) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });

  test('every decimal digit is an ASCII digit of its value: each script has ten from its zero', () => {
    const digits = characters.filter((one) => /^\p{Nd}$/u.test(one));
    for (const digit of digits) expect([digit, fold(digit)]).toEqual([digit, expect.stringMatching(/^[0-9]$/)]);
    const value = (digit: string): string => fold(digit);
    expect(['٠', '۵', '९', '๗', '᠓', '𞥔', '𑁦', '𝟿'].map(value)).toEqual(['0', '5', '9', '7', '3', '4', '0', '9']);
  });
});
