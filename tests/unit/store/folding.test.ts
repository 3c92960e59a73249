import { expect, test } from '@jest/globals';
import { fold, nameKeys, prefixKey } from '../../../src/store/folding.js';

test('names are compared without regard to case', () => {
  expect(fold('ÅDA')).toBe(fold('åda'));
});

test('a name is found from the beginning of any of its words', () => {
  expect(nameKeys('Ada  King-Lovelace')).toEqual(['ada king lovelace', 'king lovelace', 'lovelace']);
  expect(nameKeys(null)).toEqual([]);
  expect(nameKeys(' ')).toEqual([]);
  expect(prefixKey('  ADA   k')).toBe('ada k');
});
