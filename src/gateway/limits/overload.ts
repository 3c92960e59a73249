import type { Clock, Timer } from '../../kernel/clock.js';
import { Fault } from '../../kernel/errors.js';
import type { Part } from '../../kernel/lifecycle.js';
import type { Logger } from '../../kernel/logger.js';
import type { Telemetry } from '../../kernel/telemetry.js';
import type { Shedder } from '../ports.js';
import { chance } from './chance.js';
import { isShed, type Load, nextShed, nothingShed, type ShedState, shedRetryMs, type Work } from './shedding.js';

const lookEveryMs = 250;

/** Looks at a node's load four times a second and refuses what the policy sheds. Asking it is a comparison of two numbers. */
export class Overload implements Shedder, Part {
  readonly name = 'load shedding';
  readonly #load: () => Load;
  readonly #clock: Clock;
  readonly #telemetry: Telemetry;
  readonly #logger: Logger;
  readonly #random: () => number;
  readonly #eased: (() => void)[] = [];
  #state: ShedState = nothingShed;
  #timer: Timer | undefined;

  constructor(parts: {
    /** The load since it was last asked for. */
    load: () => Load;
    clock: Clock;
    telemetry: Telemetry;
    logger: Logger;
    random?: () => number;
  }) {
    this.#load = parts.load;
    this.#clock = parts.clock;
    this.#telemetry = parts.telemetry;
    this.#logger = parts.logger;
    this.#random = parts.random ?? chance;
  }

  start(): void {
    this.#timer ??= this.#clock.every(lookEveryMs, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  demand(work: Work): void {
    if (!this.sheds(work)) return;
    this.#telemetry.shed.inc({ work });
    const retry_after_ms = shedRetryMs(this.#state.level, this.#random());
    throw new Fault('overloaded', undefined, { retry_after_ms });
  }

  sheds(work: Work): boolean {
    return isShed(this.#state.level, work);
  }

  onEased(listener: () => void): void {
    this.#eased.push(listener);
  }

  #look(): void {
    const load = this.#load();
    const before = this.#state.level;
    this.#state = nextShed(this.#state, load, this.#clock.monotonic());
    const { level } = this.#state;
    if (level === before) return;
    this.#telemetry.shedLevel.set(level);
    this.#logger.warn({ level, ...load }, level > before ? 'too busy: more is shed' : 'less busy: less is shed');
    if (level === 0) for (const listener of this.#eased) listener();
  }
}

/** For tests and tools: nothing is ever too much. */
export const noShedding: Shedder = { demand: () => undefined, sheds: () => false, onEased: () => undefined };
