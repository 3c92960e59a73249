import { Fault } from '../../kernel/errors.js';
import type { Reply } from '../runtime/actor.js';
import { encodeFault, encodeValue } from './wire.js';

/** Answers an ask of another instance. Once; later calls do nothing. */
export class RemoteReply implements Reply {
  readonly id: string;
  readonly askedBy: string;
  readonly #answer: (reply: RemoteReply, text: string) => void;
  #open = true;

  constructor(id: string, askedBy: string, answer: (reply: RemoteReply, text: string) => void) {
    this.id = id;
    this.askedBy = askedBy;
    this.#answer = answer;
  }

  resolve(value: unknown): void {
    if (this.#close()) this.#answer(this, encodeValue(this.id, value));
  }

  reject(error: unknown): void {
    if (this.#close()) this.#answer(this, encodeFault(this.id, Fault.from(error)));
  }

  /** Somebody else answers it: it was passed on. */
  drop(): void {
    this.#close();
  }

  #close(): boolean {
    const open = this.#open;
    this.#open = false;
    return open;
  }
}
