import type { Scope } from '../../kernel/scope.js';
import type { Address, Message, Reply } from './actor.js';

/** No ask: nobody waits for an answer, and no deadline ends it. */
export const NO_DEADLINE = Number.POSITIVE_INFINITY;

const noChain: readonly Address[] = [];

/** A message on its way inside one process. Payloads go by reference and are never changed by whoever holds them. */
export class Envelope {
  readonly to: Address;
  readonly message: Message;
  /** Absent for a tell. */
  readonly reply: Reply | undefined;
  /** This node's monotonic ms; past it the ask is answered `timeout` without a turn. */
  readonly deadline: number;
  /** The actors whose turns wait for this ask, outermost first. */
  readonly chain: readonly Address[];
  readonly scope: Scope | undefined;
  /** The same for every sending of one ask, so that its receiver can know it again. Empty until it leaves a node. */
  id = '';
  /** How often a node that was no owner passed it on. */
  hops = 0;
  /** When a router began to hold it for want of an owner, in monotonic ms; 0 when never. */
  heldSince = 0;

  constructor(
    to: Address,
    message: Message,
    reply: Reply | undefined,
    deadline: number = NO_DEADLINE,
    chain: readonly Address[] = noChain,
    scope: Scope | undefined = undefined,
  ) {
    this.to = to;
    this.message = message;
    this.reply = reply;
    this.deadline = deadline;
    this.chain = chain;
    this.scope = scope;
  }

  /** The same message, its answer going elsewhere. */
  answeredTo(reply: Reply): Envelope {
    const same = new Envelope(this.to, this.message, reply, this.deadline, this.chain, this.scope);
    same.id = this.id;
    same.hops = this.hops;
    return same;
  }
}

/** Where an envelope goes next: the catalog in one process, the router in a cluster. It answers for every envelope it is given. */
export interface Outbox {
  send(envelope: Envelope): void;
}
