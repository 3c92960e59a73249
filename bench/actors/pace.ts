import { answerTo, lanes, type Note, type Receiver } from './receiver.js';

/** Tells sent before their arrival is waited for. */
const burst = 1_024;
/** Asks of a lane between two looks at the clock. */
const lookEvery = 64;

/** Where notes go: lane i to the i-th receiver. */
export interface Notes {
  tell(note: Note): void;
  ask(note: Note): Promise<number>;
}

export interface Pace {
  perSecond: number;
  /** Tells that never came, asks that were refused or answered with what was not asked. */
  wrong: number;
}

/** Numbers the notes of every lane and sends them as fast as they are taken. */
export class Pacer {
  readonly #notes: Pick<Notes, 'ask'> & Partial<Notes>;
  readonly #text: string | undefined;
  readonly #numbers = new Array<number>(lanes).fill(0);

  /** `text`: what each note carries; without it, nothing. */
  constructor(notes: Pick<Notes, 'ask'> & Partial<Notes>, text?: string) {
    this.#notes = notes;
    this.#text = text;
  }

  /** Bursts of tells, each when the last of the one before was received. */
  async tells(receiver: Receiver, seconds: number): Promise<Pace> {
    const { tell } = this.#notes;
    if (!tell) throw new Error('nothing can be told here');
    const begin = performance.now();
    const until = begin + seconds * 1000;
    let sent = 0;
    const before = receiver.received;
    for (let complete = true; complete && performance.now() < until; ) {
      for (let i = 0; i < burst; i++) tell(this.#next(i % lanes));
      sent += burst;
      complete = await receiver.reached(before + sent);
    }
    const came = receiver.received - before;
    return { perSecond: (came * 1000) / (performance.now() - begin), wrong: Math.abs(sent - came) };
  }

  /** One ask of every lane under way at all times. */
  async asks(seconds: number): Promise<Pace> {
    const begin = performance.now();
    const until = begin + seconds * 1000;
    let answered = 0;
    let wrong = 0;
    const walk = async (lane: number): Promise<void> => {
      for (let i = 0; i % lookEvery !== 0 || performance.now() < until; i++) {
        const note = this.#next(lane);
        try {
          if ((await this.#notes.ask(note)) === answerTo(note)) answered++;
          else wrong++;
        } catch {
          wrong++;
          return;
        }
      }
    };
    await Promise.all(Array.from({ length: lanes }, (_, lane) => walk(lane)));
    return { perSecond: (answered * 1000) / (performance.now() - begin), wrong };
  }

  #next(lane: number): Note {
    const number = this.#numbers[lane]! + 1;
    this.#numbers[lane] = number;
    return this.#text === undefined ? { type: 'note', lane, number } : { type: 'note', lane, number, text: this.#text };
  }
}

/** Asks for so many seconds, after a fifth of them to warm up. */
export const askPace = async (notes: Pick<Notes, 'ask'>, seconds: number, text: string): Promise<Pace> => {
  const pacer = new Pacer(notes, text);
  const warmUp = await pacer.asks(seconds / 5);
  const pace = await pacer.asks(seconds);
  return { perSecond: pace.perSecond, wrong: pace.wrong + warmUp.wrong };
};
