import { heedsWhom, isOpen } from '../authority/allow.js';
import { decide } from '../authority/decide.js';
import type { Clock } from '../kernel/clock.js';
import { Fault } from '../kernel/errors.js';
import { withScope } from '../kernel/scope.js';
import { parseRequest } from '../protocol/problem.js';
import type { Bound } from './bound.js';
import type { Caller } from './caller.js';
import type { FeaturePorts } from './feature-ports.js';
import { type Door, type Operation, opensAt } from './operation.js';
import type { Origin } from './origin.js';
import type { Connection, Limiter, LimitState, Places, Shedder } from './ports.js';
import { workOfLimit } from './work.js';

/** One request, as a door hands it over. */
export interface Request {
  door: Door;
  origin: Origin;
  /** Fault `unauthenticated`. */
  identify(): Caller | Promise<Caller>;
  /** The input, flat. Its text was looked through, once, before it was parsed. Called once, after the first point was spent. */
  read(): unknown;
  /** Whether it says who asks, where nobody has to. */
  tells?: boolean;
  /** Through which it came, where that stays open. */
  connection?: Connection | undefined;
  /** Where the limit stands. */
  spent?(state: LimitState): void;
}

export interface Answered {
  answer: unknown;
  /** It had been done before, and this is what came of it then. */
  again: boolean;
}

export interface InvokeParts {
  limiter: Limiter;
  shedder: Shedder;
  places: Places;
  clock: Clock;
  /** Handed on to what is carried out. */
  ports: FeaturePorts;
}

/**
 * The one way from any door to any operation, in one order: shed, identify, spend one, read, parse, spend what this input costs, resolve
 * the place, authorise, run. What a door bounds by itself (frames, bytes, connections) comes before it. Every refusal costs its sender
 * something. Rejects with a Fault, or with what a defect threw.
 */
export class Invoke {
  readonly #parts: InvokeParts;

  constructor(parts: InvokeParts) {
    this.#parts = parts;
  }

  async carryOut({ operation, run }: Bound, request: Request): Promise<Answered> {
    const { shedder, clock } = this.#parts;
    if (!opensAt(operation, request.door)) throw new Fault('validation_failed', `${operation.name} cannot be asked for through this door`);
    const work = operation.work === undefined ? workOfLimit[operation.limit] : operation.work;
    if (work !== null) shedder.demand(work);
    const { caller, mistold } = await this.#identify(operation, request);
    const { request_id } = request.origin;
    const scope = caller ? { request_id, member_id: caller.member_id } : { request_id };
    return withScope(scope, async () => {
      await this.#spend(operation, request, caller, 1);
      const given = await request.read();
      const arrivedAt = clock.now();
      const input = parseRequest(operation.input, given, 'request');
      demandNeeded(operation, request.door, input);
      const rest = costOf(operation, input) - 1;
      if (rest > 0) await this.#spend(operation, request, caller, rest);
      await this.#authorise(operation, caller, input);
      let again = false;
      const answer = await run({
        caller,
        input,
        origin: request.origin,
        arrivedAt,
        ports: this.#parts.ports,
        connection: request.connection,
        told: () => {
          if (mistold) throw mistold;
          return caller;
        },
        again: () => {
          again = true;
        },
      });
      return { answer, again };
    });
  }

  /** `mistold`: a token that is worth nothing was sent where none is needed; it counts only for what has to know who asks. */
  async #identify({ allow }: Operation, request: Request): Promise<{ caller?: Caller; mistold?: Fault }> {
    const open = isOpen(allow);
    if (open && !(heedsWhom(allow) && request.tells)) return {};
    try {
      return { caller: await request.identify() };
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'unauthenticated') throw error;
      // Guessing tokens is counted by address; who is known is counted by member.
      await this.#parts.limiter.spend('probe', { address: request.origin.address });
      if (open) return { mistold: error };
      throw error;
    }
  }

  async #spend(operation: Operation, request: Request, caller: Caller | undefined, points: number): Promise<void> {
    const who = { member_id: caller?.member_id, address: request.origin.address };
    const state = await this.#parts.limiter.spend(operation.limit, who, points);
    if (state) request.spent?.(state);
  }

  /** Where an actor decides, nothing is decided here: it does so in the turn that commits. */
  async #authorise(operation: Operation, caller: Caller | undefined, input: Record<string, unknown>): Promise<void> {
    const { places, clock } = this.#parts;
    const place = operation.place?.(input);
    if (operation.decided_by !== 'invoke') {
      if (place && caller) await places.enter(place, caller.member_id);
      return;
    }
    const standing = place && caller ? await places.standing(place, caller.member_id) : undefined;
    const refusal = decide(operation.allow, caller, standing, input, clock.now());
    if (refusal) throw refusal;
  }
}

const demandNeeded = ({ needed }: Operation, door: Door, input: Record<string, unknown>): void => {
  const missing = needed?.[door]?.filter((field) => input[field] === undefined) ?? [];
  if (missing.length === 0) return;
  const errors = missing.map((path) => ({ path, message: 'is needed' }));
  throw new Fault('validation_failed', 'The request does not have the expected form', { errors });
};

const costOf = ({ cost = 1 }: Operation, input: Record<string, unknown>): number => (typeof cost === 'function' ? cost(input) : cost);
