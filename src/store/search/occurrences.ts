import type { Form } from './forms.js';
import type { Phrase } from './question.js';
import type { Token } from './tokens.js';

/** Counts what a search does, in steps of about the same length: a character that is read, a word that is compared. */
export interface Effort {
  steps: number;
}

const bits = 32;
type Bits = Uint32Array;

/**
 * Several phrases, made ready to be looked for in one pass over a text. Each word of each phrase has one bit. A bit is set while
 * the phrase stands in the text up to that word; the next word of the text moves all bits on at once. So a text costs steps in
 * proportion to its length, whatever it repeats, and a search has at most some 200 bits.
 */
export class Occurrences {
  readonly #masks = new Map<string, Bits>();
  /** Of words that may be beginnings; and how long those are, the shortest first. */
  readonly #heads = new Map<string, Bits>();
  readonly #headLengths: readonly number[];
  readonly #starts: Bits;
  readonly #ends: Bits;
  /** Of the bit that ends a phrase: which one, and how many words it has. */
  readonly #phraseOf: number[] = [];
  readonly #lengthOf: number[] = [];

  constructor(phrases: readonly Phrase[]) {
    const size = Math.ceil(phrases.reduce((sum, phrase) => sum + phrase.length, 0) / bits);
    this.#starts = new Uint32Array(size);
    this.#ends = new Uint32Array(size);
    let bit = 0;
    for (const [index, phrase] of phrases.entries()) {
      set(this.#starts, bit);
      for (const word of phrase) {
        const [stem, head] = typeof word === 'string' ? [word, undefined] : [word.stem, word.head];
        set(maskIn(this.#masks, stem, size), bit);
        if (head !== undefined) set(maskIn(this.#heads, head, size), bit);
        bit++;
      }
      set(this.#ends, bit - 1);
      this.#phraseOf[bit - 1] = index;
      this.#lengthOf[bit - 1] = phrase.length;
    }
    this.#headLengths = [...new Set([...this.#heads.keys()].map((head) => head.length))].sort((a, b) => a - b);
  }

  /** Tells of every place where a phrase stands: which phrase, and the positions of its first and last word. By last word. */
  find(list: readonly Token[], effort: Effort, found: (phrase: number, first: number, last: number) => void): void {
    const state = new Uint32Array(this.#starts.length);
    const several = new Uint32Array(this.#starts.length);
    let isEmpty = true;
    for (let at = 0; at < list.length; at++) {
      const mask = this.#maskOf(list[at]!.form, several, effort);
      if (!mask) {
        if (!isEmpty) state.fill(0);
        isEmpty = true;
        continue;
      }
      isEmpty = false;
      effort.steps += state.length;
      let carried = 0;
      for (let part = 0; part < state.length; part++) {
        const before = state[part]!;
        const now = ((before << 1) | carried | this.#starts[part]!) & mask[part]!;
        carried = before >>> (bits - 1);
        state[part] = now;
        for (let ended = now & this.#ends[part]!; ended !== 0; ended &= ended - 1) {
          const bit = part * bits + bits - 1 - Math.clz32(ended & -ended);
          effort.steps++;
          found(this.#phraseOf[bit]!, at - this.#lengthOf[bit]! + 1, at);
        }
      }
    }
  }

  /** The bits of those words of phrases that stand for this word of a text; undefined when none does. */
  #maskOf({ stem, parts, words }: Form, several: Bits, effort: Effort): Bits | undefined {
    effort.steps += 1 + parts.length;
    let all = this.#masks.get(stem);
    for (const name of parts) all = this.#with(all, this.#masks.get(name), several, effort);
    if (this.#headLengths.length === 0) return all;
    for (const word of words) {
      for (const length of this.#headLengths) {
        if (length > word.length) break;
        effort.steps++;
        all = this.#with(all, this.#heads.get(word.slice(0, length)), several, effort);
      }
    }
    return all;
  }

  /** Both together, in `several` once there are two; undefined is none. */
  #with(all: Bits | undefined, more: Bits | undefined, several: Bits, effort: Effort): Bits | undefined {
    if (!more || more === all) return all;
    if (!all) return more;
    effort.steps += more.length;
    if (all !== several) several.set(all);
    for (let part = 0; part < more.length; part++) several[part]! |= more[part]!;
    return several;
  }
}

const maskIn = (masks: Map<string, Bits>, name: string, size: number): Bits => {
  const mask = masks.get(name) ?? new Uint32Array(size);
  masks.set(name, mask);
  return mask;
};

const set = (target: Bits, bit: number): void => {
  target[Math.floor(bit / bits)]! |= 1 << (bit % bits);
};
