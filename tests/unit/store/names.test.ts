import { describe, expect, test } from '@jest/globals';
import { nameKeys, nameParts, namePrefix, nameText, usernameKeys } from '../../../src/store/names.js';

const finds = (name: string, q: string): boolean => nameKeys(name).some((key) => key.startsWith(namePrefix(q)));

describe('a name is found by how any part of it begins, folded', () => {
  test.each<[name: string, by: string[], notBy: string[]]>([
    ['Ada King-Lovelace', ['ada', 'KING', 'love', 'king-l', 'king l', 'kinglove', 'ada  king'], ['ace', 'ada love']],
    ['José García', ['jose', 'JOSÉ', 'Jose\u0301', 'garcia'], ['osé']],
    ['Anne-Marie', ['Anne-Marie', 'anne-', 'anne-m', 'anne marie', 'marie', 'annemarie', 'Anne\u2011Marie'], ['nemarie']],
    ["Conan O'Brien", ["o'brien", 'O’Brien', 'obrien', 'brien'], []],
    ['山田太郎', ['山田', '太郎', '田太', '山田太郎'], ['太山']],
    ['山田Taro', ['taro', '田t', 'Ｔａｒｏ'], ['aro']],
    ['ユーザー', ['ゆーざー', 'ザー', 'ｻﾞｰ'], ['ID']],
    ['김철수', ['철수', '김'], ['수철']],
    ['สมชาย ใจดี', ['ชาย', 'ใจดี'], []],
    ['Łukasz Żółć', ['lukasz', 'zolc'], []],
    ['Jürgen Groß', ['jurgen', 'gross', 'GROSS'], []],
    ['Ἀριστοτέλης', ['αριστοτελησ', 'ΑΡΙΣΤΟΤΕΛΗΣ'], []],
    ['محمّد علي', ['محمد', 'علی'], []],
    ['می\u200cخواهم', ['میخواهم', 'می\u200cخ'], []],
    ['Ada 🚀', ['🚀'], []],
    ['Sammy Davis Jr.', ['jr', 'jr.', 'davis jr.'], ['jr.*', 'davi.', '.']],
    ['-- !!', ['-- !!', '!!'], []],
  ])('%s', (name, by, notBy) => {
    for (const q of by) expect([q, finds(name, q)]).toEqual([q, true]);
    for (const q of notBy) expect([q, finds(name, q)]).toEqual([q, false]);
  });

  test('the keys of a name, each once', () => {
    const [written, apart, one] = [
      ['ada king-lovelace', 'king-lovelace'],
      ['ada king lovelace', 'king lovelace', 'lovelace'],
      ['kinglovelace'],
    ];
    expect(nameKeys('Ada  King-Lovelace')).toEqual([...written, ...apart, `ada ${one}`, ...one]);
    expect(nameKeys('Ada')).toEqual(['ada']);
    expect(nameKeys(null)).toEqual([]);
    expect(nameKeys(' ')).toEqual([]);
    expect(usernameKeys('Ada')).toEqual([]);
    expect(usernameKeys('ada.lovelace_2')).toEqual(['ada lovelace 2', 'lovelace 2', '2', 'adalovelace2']);
  });

  test('the index stays small whatever a name is made of, and a name of any length is found by itself', () => {
    for (const name of ['山田'.repeat(50), 'a-'.repeat(50), '𠮷'.repeat(50), 'ﷺ'.repeat(100), 'long '.repeat(20)]) {
      expect(nameKeys(name).length).toBeLessThanOrEqual(64);
      for (const key of nameKeys(name)) expect([...key].length).toBeLessThanOrEqual(32);
      expect(finds(name, name)).toBe(true);
    }
  });
});

describe("a community's name is found by any part of it, folded", () => {
  const contains = (name: string, q: string): boolean => nameParts(q).some((part) => nameText(name).includes(part));
  test.each<[name: string, by: string[], notBy: string[]]>([
    ['Café Zürich', ['cafe', 'CAFÉ', 'afe z', 'zurich'], ['coffee']],
    ['Open-Source', ['open source', 'opensource', 'open-source', 'n-s', 'source'], ['open  sauce']],
    ['E-Mail', ['email', 'e-mail', 'e mail', 'mail'], []],
    ['Email', ['e-mail'], []],
    ['C#', ['c#', 'c'], []],
    ['Cooking', ['c'], ['c#', 'c++', 'c.k']],
    ['Is there code (for X)?', ['CODE', '(for x)?', 'is there'], ['c.de', '^is', 'x)$']],
    ['東京の人', ['京の', '東京'], ['人東']],
  ])('%s', (name, by, notBy) => {
    for (const q of by) expect([q, contains(name, q)]).toEqual([q, true]);
    for (const q of notBy) expect([q, contains(name, q)]).toEqual([q, false]);
  });
});
