import { Fault } from '../kernel/errors.js';
import { bounds } from '../protocol/primitives.js';

/**
 * What every request must pass once, as text, before it is parsed, at every door: bounded nesting, a bounded number of values, and no
 * key that could reach a prototype. Binary has no text, and is refused where it comes in. The scan is iterative, so that no input can
 * exhaust the stack.
 */

/** Values in one request, each object, array, string, number … counted. */
const maxNodes = 10_000;

const refuse = (why: string): never => {
  throw new Fault('validation_failed', `The request ${why}`);
};
const tooDeep = (): never => refuse(`is nested more than ${bounds.depth} deep`);
const tooMany = (): never => refuse('holds too many values');
const forbiddenKey = (): never => refuse('has a key that is not allowed');

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes as text; malformed UTF-8 is refused rather than repaired. */
export const decodeText = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch {
    return refuse('is not well-formed UTF-8');
  }
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const isSpace = (c: number): boolean => c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09;
const opens = (c: number): boolean => c === 0x7b || c === 0x5b;
const closes = (c: number): boolean => c === 0x7d || c === 0x5d;

/** The index of the closing quote of the string that opens at `from`, or the text's length. */
export const endOfString = (text: string, from: number): number => {
  let i = from + 1;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) return i;
    i += c === BACKSLASH ? 2 : 1;
  }
  return text.length;
};

/** A key as JSON.parse would read it; escapes must not hide one. Undefined when it is malformed: the parser will say so. */
const keyAt = (text: string, from: number, to: number): string | undefined => {
  const raw = text.slice(from + 1, to);
  if (!raw.includes('\\')) return raw;
  try {
    const key: unknown = JSON.parse(text.slice(from, to + 1));
    return typeof key === 'string' ? key : undefined;
  } catch {
    return undefined;
  }
};

/** Looks through JSON before it is parsed. Malformed JSON passes: the parser refuses it. Throws Fault `validation_failed`. */
export const inspectJsonText = (input: string | Uint8Array): void => {
  const text = typeof input === 'string' ? input : decodeText(input);
  /** For each open bracket, the key that it is the value of. */
  const under: (string | undefined)[] = [];
  let key: string | undefined;
  let nodes = 1;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      const end = endOfString(text, i);
      let next = end + 1;
      while (next < text.length && isSpace(text.charCodeAt(next))) next++;
      if (text.charCodeAt(next) === COLON) {
        key = keyAt(text, i, end);
        if (key === '__proto__' || (key === 'prototype' && under.at(-1) === 'constructor')) forbiddenKey();
        i = next;
      } else {
        i = end;
      }
    } else if (opens(c)) {
      under.push(key);
      key = undefined;
      if (under.length > bounds.depth) tooDeep();
      if (++nodes > maxNodes) tooMany();
    } else if (closes(c)) {
      under.pop();
      key = undefined;
    } else if (c === COMMA) {
      key = undefined;
      if (++nodes > maxNodes) tooMany();
    }
  }
};
