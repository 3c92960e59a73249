import { Fault, type FaultJson } from '../../kernel/errors.js';
import type { Scope } from '../../kernel/scope.js';
import type { Address, Message, Reply } from '../runtime/actor.js';
import { addressText, parseAddress } from '../runtime/address.js';
import { Envelope, NO_DEADLINE } from '../runtime/envelope.js';
import type { Spoken } from './versions.js';

/**
 * A message for an actor; an ask when `i` is there. Field names are short since they are most of a small message. `t`, `v`, `i` and
 * `f` are the same in every version, so that what cannot be read can be answered; fields that are not known are ignored.
 */
export interface WireMessage {
  t: 'm';
  /** The version in which it is written. */
  v: number;
  /** Kind and key of the address. */
  k: string;
  y: string;
  m: Message;
  /** The ask's id, and the instance that waits for its answer. */
  i?: string;
  f?: string;
  /** Ms that remain until the deadline: nodes do not compare clocks. */
  d?: number;
  /** The ask chain, as address texts. */
  c?: string[];
  s?: Scope;
  /** How often it has been passed on. */
  h?: number;
}

/** The answer to the ask `i`: a value, a fault, or "not here, look again". */
export type WireReply = { t: 'r'; i: string; r?: unknown } | { t: 'e'; i: string; e: FaultJson } | { t: 'x'; i: string };

/** "Answer once all that I sent you for these slots has been dealt with or passed on", and that answer. */
export type WireBarrier = { t: 'q'; a: string; z: number[] } | { t: 'a'; a: string };

export type WireItem = WireMessage | WireReply | WireBarrier;

/** A message as another version writes it. */
export type OtherMessage = Pick<WireMessage, 't' | 'v' | 'i' | 'f'> & Readonly<Record<string, unknown>>;

/** How a message becomes one of the next version, and back; `v` is set by whoever calls. What it does not know it passes on. */
export interface WireStep {
  up(item: OtherMessage): OtherMessage;
  down(item: OtherMessage): OtherMessage;
}

/** The versions of messages that a process reads and writes. Replies and barriers have one form for ever. */
export class Wire implements Spoken {
  readonly oldest: number;
  readonly protocol: number;
  readonly #steps: readonly WireStep[];

  /** `steps`: from the oldest version to the next, and so on up to the one that this file's types describe. */
  constructor(oldest: number, steps: readonly WireStep[]) {
    this.oldest = oldest;
    this.protocol = oldest + steps.length;
    this.#steps = steps;
  }

  /** Undefined when the version is too old or too new to be understood. */
  read(item: WireMessage | OtherMessage): WireMessage | undefined {
    if (item.v === this.protocol) return item as WireMessage;
    if (!Number.isInteger(item.v) || item.v < this.oldest || item.v > this.protocol) return undefined;
    let read: OtherMessage = { ...item };
    for (let v = item.v; v < this.protocol; v++) read = { ...this.#step(v).up(read), v: v + 1 };
    return read as unknown as WireMessage;
  }

  /** In a version that is understood here. */
  write(item: WireMessage, version: number): OtherMessage {
    let written: OtherMessage = { ...item };
    for (let v = this.protocol; v > version; v--) written = { ...this.#step(v - 1).down(written), v: v - 1 };
    return written;
  }

  #step(from: number): WireStep {
    return this.#steps[from - this.oldest]!;
  }
}

/** What this release speaks. A version that is let go must have been written by no release from which one may upgrade at once. */
export const currentWire = new Wire(1, []);

export const encodeEnvelope = (envelope: Envelope, askedBy: string, now: number, wire: Wire, version: number): string => {
  const item: WireMessage = { t: 'm', v: wire.protocol, k: envelope.to.kind, y: envelope.to.key, m: envelope.message };
  if (envelope.id !== '') {
    item.i = envelope.id;
    item.f = askedBy;
    item.d = Math.max(1, Math.ceil(envelope.deadline - now));
  }
  if (envelope.chain.length > 0) item.c = envelope.chain.map(addressText);
  if (envelope.scope) item.s = envelope.scope;
  if (envelope.hops > 0) item.h = envelope.hops;
  return JSON.stringify(version === wire.protocol ? item : wire.write(item, version));
};

export const decodeEnvelope = (item: WireMessage, reply: Reply | undefined, now: number): Envelope => {
  const deadline = item.i === undefined ? NO_DEADLINE : now + (item.d ?? 0);
  const chain = item.c?.map(parseAddress).filter((a): a is Address => a !== undefined);
  const envelope = new Envelope({ kind: item.k, key: item.y }, item.m, reply, deadline, chain, item.s);
  envelope.id = item.i ?? '';
  envelope.hops = item.h ?? 0;
  return envelope;
};

export const encodeValue = (id: string, value: unknown): string => {
  try {
    return JSON.stringify({ t: 'r', i: id, r: value } satisfies WireReply);
  } catch (error) {
    return encodeFault(id, Fault.from(error));
  }
};

export const encodeFault = (id: string, fault: Fault): string => JSON.stringify({ t: 'e', i: id, e: fault.toJSON() } satisfies WireReply);

/** The items of one entry; undefined when it is not what a node of this version writes. */
export const decodeBody = (body: string): WireItem[] | undefined => {
  try {
    const items: unknown = JSON.parse(body);
    return Array.isArray(items) ? (items as WireItem[]) : undefined;
  } catch {
    return undefined;
  }
};
