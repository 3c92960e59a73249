import { Fault } from '../kernel/errors.js';
import type { LiveMessage, Message } from '../protocol/resources.js';
import { atLeast, fullJitter, type Random } from './backoff.js';
import { type Clock, sleep } from './clock.js';
import type { EmitOptions } from './connection.js';
import { newNonce } from './nonce.js';
import type { Asked, DataOf, PayloadOf } from './operations.js';

/** A message to be. Its nonce is made once and kept over every retry; give the first one's again to retry a failed send. */
export interface Draft {
  content: string;
  reply_to?: string | undefined;
  attachments?: LiveMessage['attachments'] | undefined;
  nonce?: string | undefined;
}

export interface DeliveryOptions {
  /** How long to keep trying in all; 30 s unless told. */
  withinMs?: number;
  /** How long to wait for one acknowledgement; 5 s unless told. */
  timeoutMs?: number;
}

export interface DeliveryParts {
  clock: Clock;
  random: Random;
  emit<E extends Asked>(event: E, payload: PayloadOf<E>, options: EmitOptions): Promise<DataOf<E>>;
}

const backoff = { baseMs: 200, maxMs: 3_000 };

/**
 * Sends a message until it is acknowledged or can never be. Every attempt carries the same nonce, so that an attempt
 * whose outcome is unknown may be repeated on any node without making a second message. Fails with the last Fault; when
 * that is retryable and any attempt had left, it is `timeout`: the message may be there.
 */
export const deliver = async (
  { clock, random, emit }: DeliveryParts,
  threadId: string,
  draft: Draft,
  { withinMs = 30_000, timeoutMs = 5_000 }: DeliveryOptions = {},
): Promise<Message> => {
  const until = clock.now() + withinMs;
  const payload: PayloadOf<'send_message'> = {
    thread_id: threadId,
    content: draft.content,
    nonce: draft.nonce ?? newNonce(),
    ...(draft.reply_to !== undefined && { reply_to: draft.reply_to }),
    ...(draft.attachments !== undefined && { attachments: draft.attachments }),
  };
  let unknown = false;
  for (let attempt = 0; ; attempt++) {
    const left = until - clock.now();
    try {
      const { message } = await emit('send_message', payload, { timeoutMs: Math.max(1, Math.min(timeoutMs, left)) });
      return message;
    } catch (thrown) {
      const fault = Fault.from(thrown);
      if (!fault.retryable) throw fault;
      unknown ||= fault.code === 'timeout';
      const wait = fault.retry_after_ms === undefined ? fullJitter(attempt, backoff, random) : atLeast(fault.retry_after_ms, random);
      if (clock.now() + wait >= until) throw unknown && fault.code !== 'timeout' ? new Fault('timeout', undefined, {}, fault) : fault;
      await sleep(clock, wait);
    }
  }
};
