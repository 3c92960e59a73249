import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { register, updateMember } from '../../../src/features/accounts/contract.js';
import { listCommunities } from '../../../src/features/communities/contract.js';
import { editMessage, sendMessage } from '../../../src/features/messages/contract.js';
import { setPresence } from '../../../src/features/presence/contract.js';
import { emoji, givenEmoji, query, tags } from '../../../src/protocol/primitives.js';
import { attachment, newCommunity, newMessage, newThread } from '../../../src/protocol/resources.js';

const why = (schema: z.ZodType, value: unknown): string[] => schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];
const profile = updateMember.input.shape;

/** Every field that others read as one line. */
const lines: Record<string, z.ZodType> = {
  'name of a community': newCommunity.name,
  'title of a thread': newThread.title,
  'full name': profile.full_name,
  'full name at registration': register.input.shape.full_name,
  'name of an attachment': attachment.shape.name,
  'text of presence': setPresence.input.shape.text,
  'tag that is asked for': listCommunities.input.shape.tag,
};
const blank = ['', ' ', '\u3164', '\u2800', '\u00ad', '\u115f', '\u200b', '\u2060', '\ufe0f', '\u{e0041}', '\u3000\u0085'];
const posing = [
  'Ann\u3164',
  'Ann\u2800',
  'An\u00adn',
  'Ann\u200b',
  'Ann\u200d',
  '\u202eAnn',
  '\u2066Ann',
  'Ann\u{e0041}',
  'An\u2028n',
  'Ann\n!',
];
const right = ['Ann', 'می\u200cخواهم', 'क्\u200dष', 'Ada 👩\u200d💻', '❤\ufe0f', '山田 太郎', 'José', '葛\u{e0100}城', "O'Brien"];

describe.each(Object.entries(lines))('%s', (name, schema) => {
  test.each(right)('%j is taken as it is', (text) => expect(schema.parse(text)).toBe(text));
  test.each(posing)('%j is refused', (text) => expect(why(schema, text)).toEqual([expect.stringMatching(/must (not|be)/)]));
  if (!name.includes('presence'))
    test.each(blank)('%j is refused', (text) => expect(why(schema, text)).toContain('must not be empty or blank'));
  test('blanks around it go', () => expect(schema.parse('\u3000 Ann\u00a0')).toBe('Ann'));
});

describe.each<[string, z.ZodType]>([
  ['the text of presence', setPresence.input.shape.text],
  ['a description', newCommunity.description],
  ['a bio', profile.bio],
])('%s may be empty', (_name, schema) => {
  test.each(blank)('and %j is', (text) => expect(schema.parse(text)).toBe(''));
  test.each(right)('%j stays as written', (text) => expect(schema.parse(text)).toBe(text));
});

describe.each<[string, z.ZodType]>([
  ['a message', newMessage.content],
  ['what is sent', sendMessage.input.shape.content],
  ['an edit', editMessage.input.shape.content],
  ['the opening text of a thread', newThread.content],
])('%s', (_name, schema) => {
  test.each(blank)('%j alone is refused', (text) => expect(why(schema, text)).toContain('must not be empty or blank'));
  test.each([...right, ...posing, ' indented\n\u200fשלום\u200e'])('%j stays as written', (text) => expect(schema.parse(text)).toBe(text));
});

describe('what is looked for', () => {
  test.each([...right, 'docu\u00admentation', 'خواهم\u200c', 'heart\ufe0f'])('%j is taken', (q) => expect(query.parse(q)).toBe(q));
  test.each(blank)('%j is refused', (q) => expect(why(query, q)).toContain('must not be empty or blank'));
  test.each(['\u202ea', 'a\nb', 'a\u3164'])('%j is refused', (q) => expect(why(query, q)).toHaveLength(1));
});

describe('tags', () => {
  test('are without doubles and without blanks around them: the first spelling stays', () => {
    expect(tags.parse(['Dev', 'dev', ' dev ', 'DÉV', 'Straße', 'strasse', 'ops'])).toEqual(['Dev', 'Straße', 'ops']);
  });
  test.each(blank)('%j is refused with its place', (tag) => {
    expect(tags.safeParse(['a', tag]).error?.issues[0]).toMatchObject({ path: [1] });
  });
});

describe('reactions', () => {
  test('are one emoji in its qualified form', () => {
    expect(['❤', '❤\ufe0f', '👩\u200d💻', '👍🏽'].map((one) => emoji.parse(one))).toEqual(['❤\ufe0f', '❤\ufe0f', '👩\u200d💻', '👍🏽']);
    for (const text of ['x', '', 'lgtm', '👍👍', '\u3164']) expect(why(emoji, text)).toEqual(['must be exactly one emoji']);
  });
  test('are taken back by either form; so is what was taken as one before', () => {
    expect(['❤', '❤\ufe0f', 'lgtm'].map((one) => givenEmoji.parse(one))).toEqual(['❤\ufe0f', '❤\ufe0f', 'lgtm']);
  });
});
