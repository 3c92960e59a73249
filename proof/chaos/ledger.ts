import { Fault } from '../../src/client/index.js';
import type { Recorder } from './recorder.js';
import type { SendSpan } from './silence.js';
import { Timeline } from './timeline.js';

/** A send that failed although its client had tried again for as long as it does. */
export interface Failure {
  at: number;
  thread: string;
  code: string;
}

/** Every send as its sender saw it, and the figures of each second. */
export class Ledger {
  readonly timeline = new Timeline();
  readonly failures: Failure[] = [];
  readonly #spans: SendSpan[] = [];
  readonly #open = new Map<number, { thread: string; from: number }>();
  readonly #recorder: Recorder;
  #next = 0;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Sends under way. */
  get pending(): number {
    return this.#open.size;
  }

  /** Those under way count as failed now. */
  spans(): SendSpan[] {
    const to = this.#recorder.now();
    return [...this.#spans, ...[...this.#open.values()].map((open) => ({ ...open, to, ok: false }))];
  }

  delivered = (): void => this.timeline.delivered(this.#recorder.now());

  /** Resolves with what was sent, or undefined when it failed. `wasAway`, asked at its end: the sender left the network meanwhile. */
  async send<T>(thread: string, run: () => Promise<T>, wasAway: () => boolean = () => false): Promise<T | undefined> {
    const id = this.#next++;
    const from = this.#recorder.now();
    this.#open.set(id, { thread, from });
    let ok = false;
    try {
      const sent = await run();
      ok = true;
      this.timeline.acknowledged(this.#recorder.now(), this.#recorder.now() - from);
      return sent;
    } catch (thrown) {
      this.failures.push({ at: this.#recorder.now(), thread, code: Fault.from(thrown).code });
      this.timeline.failed(this.#recorder.now());
      return undefined;
    } finally {
      this.#open.delete(id);
      this.#spans.push({ thread, from, to: this.#recorder.now(), ok, away: wasAway() });
    }
  }
}
