import { expect } from '@jest/globals';
import { type FaultProxy, startProxy } from '../../proof/chaos/proxy.js';
import { endpointOf, throughPort } from '../../scripts/services/endpoint.js';
import type { ParleyClient } from '../../src/client/index.js';
import type { ThreadView } from '../../src/client/thread-view.js';
import type { Thread } from '../../src/protocol/resources.js';
import { testMongodbUrl, testRedisUrl } from '../services-env.js';
import { until } from '../until.js';
import { Claims } from './claims.js';
import { type ClusterOptions, startCluster, type TestCluster } from './harness.js';
import { found, signUpAndConnect } from './people.js';
import { Talk } from './talk.js';

/** Ms; renewed five times in it. */
export const leaseMs = 2_000;

/** A way to a service of its own for one node. */
const way = (serviceUrl: () => string) => ({
  start: (): Promise<FaultProxy> => startProxy({ target: endpointOf(serviceUrl()) }),
  url: (proxy: FaultProxy): string => throughPort(serviceUrl(), proxy.port),
});
export const storeThrough = way(testMongodbUrl);
export const redisThrough = way(testRedisUrl);

export interface StageOptions extends ClusterOptions {
  redisUrl?: string;
  /** The nodes that each person may use, in this order. */
  people: (urls: readonly string[]) => readonly (readonly string[])[];
  threads: number;
}

/** A cluster with a short lease, people who know each other, and threads that all of them watch. */
export class Stage {
  readonly cluster: TestCluster;
  readonly claims: Claims;
  readonly people: readonly ParleyClient[];
  readonly threads: readonly Thread[];
  readonly #views: readonly ThreadView[];

  private constructor(cluster: TestCluster, claims: Claims, people: readonly ParleyClient[], threads: readonly Thread[]) {
    this.cluster = cluster;
    this.claims = claims;
    this.people = people;
    this.threads = threads;
    this.#views = people.flatMap((person) => threads.map(({ id }) => person.openThread(id)));
  }

  static async start({ redisUrl = testRedisUrl(), ...options }: StageOptions): Promise<Stage> {
    const cluster = await startCluster({ ...options, env: { LEASE_MS: String(leaseMs), REDIS_URL: redisUrl, ...options.env } });
    try {
      const people = await Promise.all(options.people(cluster.urls).map((urls) => signUpAndConnect(urls)));
      const threads: Thread[] = [];
      for (let i = 0; i < options.threads; i++) threads.push((await found(people[i % people.length]!, people)).thread);
      return new Stage(cluster, new Claims(cluster, redisUrl), people, threads);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Everybody talks in every thread. */
  talk(): Talk {
    return new Talk(this.people, this.threads);
  }

  /** Talks while something happens to the cluster, goes on for a while, and compares. It prints the longest silence of a thread. */
  async talkThrough(happening: (talk: Talk) => Promise<void>): Promise<void> {
    const talk = this.talk();
    await until('some sends', () => talk.count() > 30);
    await happening(talk);
    const counts = this.threads.map((t) => talk.count(t));
    await until('sends to every thread again', () => this.threads.every((t, i) => talk.count(t) >= counts[i]! + 10));
    await this.endTalk(talk);
    process.stdout.write(`  longest silence: ${talk.silence()} ms\n`);
  }

  /** Ends a talk; what is stored and what everybody sees must be what was acknowledged. */
  async endTalk(talk: Talk): Promise<void> {
    const last = await talk.endAndCheck(this.people[0]!);
    for (const view of this.#views) {
      const shown = (): number | undefined => view.state.messages.at(-1)?.seq;
      await until(`a view of ${view.threadId} to be complete`, () => view.status === 'live' && shown() === last.get(view.threadId));
      const seqs = view.state.messages.map((m) => m.seq);
      expect(seqs).toEqual(seqs.map((_s, i) => seqs[0]! + i));
    }
  }

  async stop(): Promise<void> {
    for (const person of this.people) person.close();
    this.claims.close();
    await this.cluster.stop();
  }
}
