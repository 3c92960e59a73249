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
        const mask = this.#masks.get(word) ?? new Uint32Array(size);
        this.#masks.set(word, mask);
        set(mask, bit++);
      }
      set(this.#ends, bit - 1);
      this.#phraseOf[bit - 1] = index;
      this.#lengthOf[bit - 1] = phrase.length;
    }
  }

  /** Tells of every place where a phrase stands: which phrase, and the positions of its first and last word. By last word. */
  find(list: readonly Token[], effort: Effort, found: (phrase: number, first: number, last: number) => void): void {
    const state = new Uint32Array(this.#starts.length);
    const several = new Uint32Array(this.#starts.length);
    let isEmpty = true;
    for (let at = 0; at < list.length; at++) {
      const mask = this.#maskOf(list[at]!, several, effort);
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
  #maskOf({ form }: Token, several: Bits, effort: Effort): Bits | undefined {
    effort.steps += 1 + form.parts.length;
    const whole = this.#masks.get(form.stem);
    let all = whole;
    for (const name of form.parts) {
      const mask = this.#masks.get(name);
      if (!mask) continue;
      if (!all) {
        all = mask;
        continue;
      }
      effort.steps += mask.length;
      if (all !== several) several.set(all);
      for (let part = 0; part < mask.length; part++) several[part]! |= mask[part]!;
      all = several;
    }
    return all;
  }
}

const set = (target: Bits, bit: number): void => {
  target[Math.floor(bit / bits)]! |= 1 << (bit % bits);
};
