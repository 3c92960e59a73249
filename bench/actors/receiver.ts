/** What is told and asked in the bench: the `number`-th message of its lane, from 1. */
export interface Note {
  type: 'note';
  lane: number;
  number: number;
  text?: string;
}

/** Lanes of messages: each has one sender and is received in order. */
export const lanes = 64;

/** What a note is answered: no other note of the run has the same answer. */
export const answerTo = ({ lane, number }: Note): number => number * lanes + lane;

/** Without anything new for so long, what is still awaited counts as lost, ms. */
const patienceMs = 5_000;

/** Takes the notes of all lanes and counts each that is not the next one of its lane. */
export class Receiver {
  received = 0;
  /** Holes, duplicates and notes out of their order. */
  faults = 0;
  readonly #last = new Array<number>(lanes).fill(0);
  #awaited = Number.POSITIVE_INFINITY;
  #arrived: (() => void) | undefined;

  /** Answers the note. */
  take(note: Note): number {
    if (note.number !== this.#last[note.lane]! + 1) this.faults++;
    this.#last[note.lane] = note.number;
    if (++this.received === this.#awaited) this.#arrived?.();
    return answerTo(note);
  }

  /** Resolves when `count` notes have come, or, with false, when no more come. */
  async reached(count: number): Promise<boolean> {
    if (this.received >= count) return true;
    let before = this.received;
    let watch: NodeJS.Timeout | undefined;
    const come = await new Promise<boolean>((resolve) => {
      this.#awaited = count;
      this.#arrived = () => resolve(true);
      watch = setInterval(() => {
        if (this.received === before) resolve(false);
        before = this.received;
      }, patienceMs);
    });
    clearInterval(watch);
    this.#awaited = Number.POSITIVE_INFINITY;
    return come;
  }
}
