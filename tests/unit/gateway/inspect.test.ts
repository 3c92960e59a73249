import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inspectJsonText } from '../../../src/gateway/inspect.js';
import { Fault } from '../../../src/kernel/errors.js';
import { bounds } from '../../../src/protocol/primitives.js';

const refused = (run: () => void): boolean => {
  try {
    run();
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe('validation_failed');
    return true;
  }
};
const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth);

/** The same said of what the text becomes, by recursion: separate, and no use against hostile input. */
const isRefusable = (value: unknown): boolean => {
  let values = 0;
  const look = (item: unknown, depth: number, under: string): boolean => {
    if (++values > 10_000) return true;
    if (typeof item !== 'object' || item === null) return false;
    if (depth >= bounds.depth) return true;
    return Object.entries(item).some(
      ([key, inner]) => key === '__proto__' || (key === 'prototype' && under === 'constructor') || look(inner, depth + 1, key),
    );
  };
  return look(value, 0, '');
};
const both = (text: string): boolean => {
  const byText = refused(() => inspectJsonText(text));
  expect(isRefusable(JSON.parse(text))).toBe(byText);
  return byText;
};

describe('inspection', () => {
  it('bounds the depth, at any size', () => {
    expect(both(nested(bounds.depth))).toBe(false);
    expect(both(nested(bounds.depth + 1))).toBe(true);
    expect(both(`${'{"a":'.repeat(bounds.depth)}1${'}'.repeat(bounds.depth)}`)).toBe(false);
    expect(both(`${'{"a":'.repeat(bounds.depth + 1)}1${'}'.repeat(bounds.depth + 1)}`)).toBe(true);
    expect(refused(() => inspectJsonText('['.repeat(1_000_000)))).toBe(true);
    expect(refused(() => inspectJsonText('{"a":'.repeat(200_000)))).toBe(true);
  });

  it('counts brackets in strings for nothing', () => {
    expect(both(JSON.stringify({ content: nested(100), more: '"[{\\"[' }))).toBe(false);
    expect(both('"[[[[[[[[[[[[[[[[[[[[[["')).toBe(false);
  });

  it('refuses keys that reach a prototype, also written with escapes', () => {
    expect(both('{"__proto__": {"admin": true}}')).toBe(true);
    expect(both('{"a": [{"__proto__" : 1}]}')).toBe(true);
    expect(both('{"\\u005f_proto__": 1}')).toBe(true);
    expect(both('{"\\u005f\\u005fproto\\u005f\\u005f"\n\t: 1}')).toBe(true);
    expect(both('{"constructor": {"prototype": {"admin": true}}}')).toBe(true);
    expect(both('{"constructor": {"x": 1, "prototype": 1}}')).toBe(true);
    expect(both('{"constr\\u0075ctor": {"protot\\u0079pe": 1}}')).toBe(true);
  });

  it('lets the same words pass as text', () => {
    expect(both('{"content": "__proto__"}')).toBe(false);
    expect(both('["__proto__", "constructor"]')).toBe(false);
    expect(both('{"prototype": 1, "constructor": "mine"}')).toBe(false);
    expect(both('{"content": "say \\"__proto__\\": now"}')).toBe(false);
  });

  it('bounds the number of values', () => {
    expect(both(JSON.stringify(Array(9_000).fill(0)))).toBe(false);
    expect(both(JSON.stringify(Array(11_000).fill(0)))).toBe(true);
    expect(both(JSON.stringify(Object.fromEntries(Array.from({ length: 11_000 }, (_, i) => [`k${i}`, i]))))).toBe(true);
    expect(both(JSON.stringify(Array(200).fill(Array(100).fill(0))))).toBe(true);
  });

  it('refuses malformed UTF-8', () => {
    expect(refused(() => inspectJsonText(Buffer.from([0x22, 0xff, 0xfe, 0x22])))).toBe(true);
    expect(refused(() => inspectJsonText(Buffer.from('{"content":"grüß 😀"}')))).toBe(false);
  });

  it('agrees with itself on any JSON, and never throws anything but its Fault on any text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => void both(text)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\u005f_proto ') }), (text) => void refused(() => inspectJsonText(text))),
      { numRuns: 2000 },
    );
  });
});
