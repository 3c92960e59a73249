import { useEffect, useState } from 'preact/hooks';
import { parseText } from '../../src/text/markdown.js';
import type { Block } from '../../src/text/tree.js';

/** Characters of all texts that are kept as parsed. */
const keptCharacters = 1_000_000;
/** Characters that are parsed in one turn of the page's loop; what is over waits for the next, drawn as plain text meanwhile. */
const charactersATurn = 100_000;

/**
 * What texts were parsed into, the latest used last. A text that is drawn again is not parsed again, and however many long texts are
 * drawn at once, the page answers in between.
 */
export class ParsedTexts {
  readonly #kept = new Map<string, Block[]>();
  readonly #parse: (text: string) => Block[];
  #characters = 0;
  #spent = 0;

  constructor(parse: (text: string) => Block[]) {
    this.#parse = parse;
  }

  /** Null when this turn has done enough. */
  get(text: string): Block[] | null {
    const known = this.#kept.get(text);
    if (known) {
      this.#kept.delete(text);
      this.#kept.set(text, known);
      return known;
    }
    if (this.#spent > 0 && this.#spent + text.length > charactersATurn) return null;
    if (this.#spent === 0) setTimeout(() => (this.#spent = 0));
    this.#spent += text.length;
    const blocks = this.#parse(text);
    this.#keep(text, blocks);
    return blocks;
  }

  #keep(text: string, blocks: Block[]): void {
    this.#kept.set(text, blocks);
    this.#characters += text.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#characters <= keptCharacters) break;
      this.#kept.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}

const texts = new ParsedTexts(parseText);

/** A text's blocks, or null until a later turn has parsed it. */
export const useParsed = (text: string): Block[] | null => {
  const [turn, setTurn] = useState(0);
  const blocks = texts.get(text);
  const isWaiting = blocks === null;
  useEffect(() => {
    if (!isWaiting) return undefined;
    const timer = setTimeout(() => setTurn(turn + 1));
    return () => clearTimeout(timer);
  }, [isWaiting, turn]);
  return blocks;
};
