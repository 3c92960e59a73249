import { z } from 'zod';
import { id } from '../protocol/primitives.js';

/**
 * The queues and what their jobs say. A job never carries a change itself, only where one may be: whoever works it off
 * compares the store with what is done, so a job that is lost, late, doubled or run twice changes nothing.
 */
export const queueNames = ['search', 'notify', 'upkeep'] as const;
export type QueueName = (typeof queueNames)[number];
/** Where jobs go that failed for good, to be looked at. Nobody works it off. */
export const deadQueue = 'dead';

/** Threads in one visit. */
export const threadsPerJob = 50;
/** A sweep that has filled a queue so far ends there: the next one finds the rest. */
export const backlogLimit = 200;

/** `again`: how often it has failed for good before. */
export const visitJob = z.strictObject({ threads: z.array(id).min(1).max(threadsPerJob), again: z.int().min(1).optional() });
export type VisitJob = z.infer<typeof visitJob>;
/** A deleted thread, a deleted community, or a member that does not belong to a community any more. */
export const purgeJob = z.union([z.strictObject({ thread_id: id }), z.strictObject({ community_id: id, member_id: id.optional() })]);
export type PurgeJob = z.infer<typeof purgeJob>;
/** `reach`: how far behind the last sweep to look, in ms. */
export const sweepJob = z.strictObject({ reach: z.int().min(0) });
export type SweepJob = z.infer<typeof sweepJob>;

/** Tries again after 1, 2, 4 and 8 s, spread by a quarter; leaves nothing behind when it is done. */
export const jobOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.25 },
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 5,
} as const;

/** One waiting job for one thing; another that comes while it runs makes it run once more. */
export const onceAtATime = (what: string) => ({ deduplication: { id: what, keepLastIfActive: true } });

export const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

/** Key prefix of all queues of an installation. */
export const queuePrefix = (prefix: string): string => `${prefix}:jobs`;
