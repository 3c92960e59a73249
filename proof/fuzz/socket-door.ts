import type { Cast } from './cast.js';
import type { Documents } from './documents.js';
import { judgeAcknowledgement } from './judge.js';
import type { SocketCase, Step } from './socket-cases.js';
import { overPolling, overWebSocket, type Wire } from './wires.js';

const answerLimitMs = 15_000;

/** Plays what goes over one connection, and throws with what is wrong with what comes back. */
export class SocketDoor {
  readonly #url: string;
  readonly #documents: Documents;

  constructor(url: string, documents: Documents) {
    this.#url = url;
    this.#documents = documents;
  }

  async try(one: SocketCase, cast: Cast): Promise<string> {
    const wire = await (one.transport === 'websocket' ? overWebSocket(this.#url) : overPolling(this.#url));
    const talk = new Talk(wire);
    try {
      if (one.enters) {
        const word = await talk.enter(cast.token(one.as));
        if (word.startsWith('44') && one.as !== 'nobody') await cast.replace(one.as);
        if (!word.startsWith('40')) return word === '' ? 'ended' : 'turned away';
      }
      for (const step of one.steps) await this.#play(step, talk);
      return talk.hasEnded ? 'ended' : 'heard';
    } finally {
      wire.close();
    }
  }

  async #play(step: Step, talk: Talk): Promise<void> {
    if (step.kind === 'frame') for (let i = 0; i < step.times && !talk.hasEnded; i++) await talk.send(step.text);
    if (step.kind === 'binary') await talk.send(Buffer.from(step.hex, 'hex'));
    if (step.kind !== 'event') return;
    const packet = JSON.stringify([step.event, ...step.args]);
    if (!step.isAsked) {
      await talk.send(`42${packet}`);
      return;
    }
    const heard = await talk.ask(packet);
    // One that was turned away or sent away before is told nothing more.
    if (heard === null) return;
    const event = this.#documents.events.find(({ name }) => name === step.event);
    judgeAcknowledgement(event, heard[0], this.#documents);
  }
}

/** What is said and heard on one wire. */
class Talk {
  readonly #wire: Wire;
  readonly #waiting = new Map<string, (frame: string) => void>();
  #entered: (frame: string) => void = () => undefined;
  #isIn = false;
  #number = 1_000_000;
  hasEnded = false;

  constructor(wire: Wire) {
    this.#wire = wire;
    void wire.ended.then(() => {
      this.hasEnded = true;
    });
    wire.hear((frame) => {
      if (frame === '2') void wire.send('3').catch(() => undefined);
      if (frame.startsWith('41')) this.#isIn = false;
      if (/^4[04]/.test(frame)) this.#entered(frame);
      const number = /^43(\d+)/.exec(frame)?.[1];
      if (number !== undefined) this.#waiting.get(number)?.(frame.slice(2 + number.length));
    });
  }

  send(frame: string | Uint8Array): Promise<void> {
    return this.#wire.send(frame);
  }

  /** The server's word to CONNECT; empty when it ended the connection instead. */
  async enter(token: string | null): Promise<string> {
    const word = new Promise<string>((resolve) => {
      this.#entered = resolve;
    });
    await this.send(`40${JSON.stringify(token === null ? {} : { token })}`);
    const heard = (await this.#within(word, 'an answer to CONNECT')) ?? '';
    this.#isIn = heard.startsWith('40');
    return heard;
  }

  /** What is acknowledged; null when the connection is over, or is not in the namespace. */
  async ask(packet: string): Promise<unknown[] | null> {
    const number = String(++this.#number);
    const heard = new Promise<string>((resolve) => this.#waiting.set(number, resolve));
    await this.send(`42${number}${packet}`);
    // Behind what took it out of the namespace, or stands in the way as half a binary packet, nothing need come.
    const frame = await this.#within(heard, this.#isIn ? `an acknowledgement of ${packet.slice(0, 300)}` : null);
    return frame === null ? null : (JSON.parse(frame) as unknown[]);
  }

  /** Null when the connection ended first; throws when it is open and nothing comes (unless nothing is expected). */
  async #within(heard: Promise<string>, what: string | null): Promise<string | null> {
    let late: NodeJS.Timeout | undefined;
    const over = this.#wire.ended.then(() => null);
    const silence = new Promise<null>((resolve, reject) => {
      if (what === null) late = setTimeout(() => resolve(null), 50);
      else late = setTimeout(() => reject(new Error(`nothing came, where ${what} should have`)), answerLimitMs);
    });
    try {
      return await Promise.race([heard, over, silence]);
    } finally {
      clearTimeout(late);
    }
  }
}
