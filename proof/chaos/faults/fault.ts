import type { Redis } from 'ioredis';
import type { Crowd } from '../crowd.js';
import type { Random } from '../random.js';
import type { Site } from '../site.js';
import type { SiteNode } from '../site-node.js';

/** What a fault has to work with. */
export interface FaultContext {
  site: Site;
  /** The node that it befalls, where it befalls one. */
  node: SiteNode;
  crowd: Crowd;
  random: Random;
  /** Straight to Redis, past every proxy. */
  redis: Redis;
  /** Rejects when the run is broken off. */
  sleep(ms: number): Promise<void>;
  /** The process of this node is dead or halted past its lease: nothing that it had active acts any more. */
  nodeOff(node: SiteNode): void;
  /** Redis was made to forget this lease as of now: what acts under it, until it learns of that, counts as fenced. */
  leaseTaken(node: SiteNode, instance: string): void;
  /** The cause did not have the effect that the fault is about. */
  notPlayed(why: string): void;
  /** What the fault is about was promised and did not come: the run fails. */
  unkept(what: string): void;
  note(line: string): void;
}

/** Does the harm and mends it; resolves when the cause is gone. Whatever happens, it leaves nothing broken. */
export type Fault = (context: FaultContext) => Promise<void>;
