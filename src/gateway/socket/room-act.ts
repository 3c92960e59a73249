import { GivenUp } from './given-up.js';
import type { Delivery } from './room-queue.js';

/** What is done at a place among the events of a room: after what came before it, and before all that follows. */
export class RoomAct implements Delivery<unknown> {
  readonly weight = 1;
  readonly #act: (givenUp: GivenUp) => Promise<void>;
  readonly #givenUp = new GivenUp();
  #over: Promise<void> | undefined;
  #isOver = false;

  /** `act` holds the room until it ends. It must not reject, and come to an end soon when it is given up. */
  constructor(act: (givenUp: GivenUp) => Promise<void>) {
    this.#act = act;
  }

  get done(): boolean {
    return this.#isOver;
  }

  holds(): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    this.#over ??= this.#act(this.#givenUp).finally(() => {
      this.#isOver = true;
    });
    return this.#over;
  }

  giveUp(): void {
    this.#givenUp.now();
  }

  step(): number {
    return 0;
  }

  take(): boolean {
    return false;
  }
}
