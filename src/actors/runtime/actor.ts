import type { Clock, Timer } from '../../kernel/clock.js';
import type { Logger } from '../../kernel/logger.js';

/** Who a message is for. The kind names the code, the key the one it speaks for; both are the same on every node. */
export interface Address {
  readonly kind: string;
  readonly key: string;
}

/** Every message is a plain JSON value with a type; it may cross a process border, so nothing else fits in it. */
export interface Message {
  readonly type: string;
}

declare const reply: unique symbol;

/** Marks a message type with what its ask answers: `type Get = Answers<{ type: 'get' }, Thread>`. Nothing exists at run time. */
export type Answers<M extends Message, R> = M & { readonly [reply]?: R };

export type ReplyOf<M> = M extends { readonly [reply]?: infer R } ? Exclude<R, undefined> : unknown;

export interface AskOptions {
  /** Until when an answer is of use, from now; default 5,000. After it the ask fails with `timeout`: the outcome is unknown. */
  timeoutMs?: number;
}

/** Sends messages to actors wherever they live. */
export interface ActorSystem {
  /** At most once, no answer; what cannot be delivered is counted as a dead letter. Never throws. */
  tell<M extends Message>(to: Address, message: M): void;
  /**
   * Rejects with a Fault: the actor's own, `overloaded` (mailbox full), `unavailable` (no owner), `timeout`. It may be sent
   * again when its target's node dies, so a message that changes something must be safe to repeat.
   */
  ask<M extends Message>(to: Address, message: M, options?: AskOptions): Promise<ReplyOf<M>>;
}

/** The answer of one ask, taken out of its turn by `defer`: exactly one of the two is called, once; later calls do nothing. */
export interface Reply<R = unknown> {
  resolve(value: R): void;
  reject(error: unknown): void;
}

export interface ActorContext extends ActorSystem {
  readonly address: Address;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The epoch under which this node owns the actor's slot, for what is written to the store. */
  readonly epoch: number;
  /**
   * Ms, when this incarnation began, for which nobody else can have begun a write here: since this node took the slot over, or
   * since an incarnation of this actor failed. What an earlier one wrote without an answer may still land for a while.
   */
  readonly aloneMs: number;
  /**
   * This node has given the actor's place up (`lost`) while a turn of it still runs: another owner may begin, so this one must begin
   * no write any more.
   */
  readonly isLost: boolean;
  /**
   * Takes the reply out of the running turn: the turn's return value is ignored, the next turn may begin, and the answer is
   * given later. Only inside `receive`; when the activation ends first, what is unanswered fails with `timeout`.
   */
  defer<R = unknown>(): Reply<R>;
  /** A message to oneself, ahead of the mailbox and not counted against its bound. */
  tellSelf(message: Message): void;
  /** The same after a while; cancelled by itself when the activation ends. */
  tellSelfAfter(ms: number, message: Message): Timer;
  /** Ends this activation after the running turn; the next message activates the actor anew. */
  passivate(): void;
}

/** One activation. Turns never overlap; between two of them the state must hold by itself. */
export interface Actor<M extends Message = Message> {
  /** Before the first turn. A throw fails the messages that wait and drops the activation. */
  activate?(): Promise<void> | void;
  /** One turn: its (awaited) value is the answer to an ask. */
  receive(message: M): unknown;
  /**
   * While a turn runs: the answer to an ask that needs no turn of its own, or the promise of it; undefined, or a throw, when it waits for
   * one as usual. It sees the state that the running turn has left so far, and must change nothing that a turn relies on.
   */
  answerAtOnce?(message: M): unknown;
  /** After the last turn. `lost` means that the node no longer owns the slot: write nothing. */
  deactivate?(reason: DeactivationReason): Promise<void> | void;
}

export type DeactivationReason = 'idle' | 'memory' | 'handoff' | 'restart' | 'shutdown' | 'lost';

/** How one kind of actor is made and kept. */
export interface ActorKind<M extends Message = Message> {
  readonly name: string;
  create(context: ActorContext): Actor<M>;
  /** Passivated after so long without a message, in ms. */
  readonly idleMs: number;
  /** Messages that may wait; one more is refused with `overloaded`. */
  readonly mailboxLimit: number;
}
