import { Fault, type FaultJson } from '../../kernel/errors.js';
import type { Scope } from '../../kernel/scope.js';
import type { Address, Message, Reply } from '../runtime/actor.js';
import { addressText, parseAddress } from '../runtime/address.js';
import { Envelope, NO_DEADLINE } from '../runtime/envelope.js';

/** Version of everything in this file. Items of another version are refused, so a rolling update keeps the old one readable. */
export const WIRE_VERSION = 1;

/** A message for an actor; an ask when `i` is there. Field names are short since they are most of a small message. */
export interface WireMessage {
  t: 'm';
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

export const encodeEnvelope = (envelope: Envelope, askedBy: string, now: number): string => {
  const item: WireMessage = { t: 'm', v: WIRE_VERSION, k: envelope.to.kind, y: envelope.to.key, m: envelope.message };
  if (envelope.id !== '') {
    item.i = envelope.id;
    item.f = askedBy;
    item.d = Math.max(1, Math.ceil(envelope.deadline - now));
  }
  if (envelope.chain.length > 0) item.c = envelope.chain.map(addressText);
  if (envelope.scope) item.s = envelope.scope;
  if (envelope.hops > 0) item.h = envelope.hops;
  return JSON.stringify(item);
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
