import { z } from 'zod';
import { anyone, bit, signedIn } from '../../../src/authority/allow.js';
import type { Standing } from '../../../src/authority/decide.js';
import type { Bound, Call } from '../../../src/catalogue/bound.js';
import type { Caller } from '../../../src/catalogue/caller.js';
import type { FeaturePorts } from '../../../src/catalogue/feature-ports.js';
import { Invoke, type Request } from '../../../src/catalogue/invoke.js';
import { defineOperation, type Operation } from '../../../src/catalogue/operation.js';
import { community } from '../../../src/catalogue/place.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { Fault } from '../../../src/kernel/errors.js';
import { id } from '../../../src/protocol/primitives.js';
import { anAccess } from '../../access.js';

export const caller: Caller = {
  member_id: '0'.repeat(24),
  session_id: '1'.repeat(24),
  is_admin: false,
  address: '192.0.2.1',
  request_id: 'request',
  token_expires_at: 0,
};

export const member: Standing = anAccess({ role: 'member' });

/** One that asks for `view` in a community before it is carried out. */
export const look = defineOperation({
  name: 'look_around',
  tag: 'test',
  summary: 'Looks',
  place: ({ community_id }) => community(community_id),
  allow: bit('view'),
  decided_by: 'invoke',
  limit: 'read',
  cost: 3,
  repeat: 'read',
  input: z.strictObject({ community_id: id }),
  answer: z.object({ seen: z.boolean() }),
  rest: { method: 'get', path: '/test/:community_id', status: 200 },
  example: {},
}) as unknown as Operation;

export const open: Operation = { ...look, name: 'open_door', allow: anyone };
export const personal: Operation = { ...look, name: 'look_inside', allow: signedIn };

/** Everything around one call, which notes what happens in which order. */
export class Course {
  readonly steps: string[] = [];
  readonly invoke: Invoke;
  /** The step that fails, and how. */
  failing: { step: string; fault: Fault } | undefined;
  standing: Standing = member;

  constructor() {
    this.invoke = new Invoke({
      limiter: {
        spend: async (limit, who, points) => {
          this.#step(`spend ${points ?? 1} of ${limit} by ${who.member_id ? 'member' : 'address'}`);
          return null;
        },
      },
      shedder: {
        demand: (work) => this.#step(`shed ${work}`),
        sheds: () => false,
        onEased: () => undefined,
      },
      places: {
        enter: (place) => {
          this.#step(`enter ${Object.keys(place)[0]}`);
          return undefined;
        },
        standing: async () => {
          this.#step('standing');
          return this.standing;
        },
      },
      clock: new FakeClock(),
      ports: {} as FeaturePorts,
    });
  }

  bound(operation: Operation, run: (call: Call) => unknown = () => ({ seen: true })): Bound {
    return {
      operation,
      run: async (call) => {
        this.#step('run');
        return run(call);
      },
    };
  }

  request(input: unknown = { community_id: '2'.repeat(24) }, more: Partial<Request> = {}): Request {
    return {
      door: 'rest',
      origin: { address: caller.address, request_id: 'request', user_agent: null },
      identify: () => {
        this.#step('identify');
        return caller;
      },
      read: () => {
        this.#step('read');
        return input;
      },
      ...more,
    };
  }

  #step(step: string): void {
    this.steps.push(step);
    if (this.failing?.step === step) throw this.failing.fault;
  }
}

export const fault = (code: Fault['code']): Fault => new Fault(code);
