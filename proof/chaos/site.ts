import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endpointOf } from '../../scripts/services/endpoint.js';
import { freePort } from '../../scripts/services/ports.js';
import { allPids } from '../../scripts/services/process-table.js';
import { ServiceProcess } from '../../scripts/services/service-process.js';
import { type RunningServices, startServices } from '../../scripts/services/services.js';
import { SiteNode } from './site-node.js';
import { SmallDisk } from './small-disk.js';

/** Names of what the run keeps in Redis and MongoDB. */
export const prefix = 'chaos';
/** Of a node, ms; the default of an installation. */
export const leaseMs = 5_000;

/** Real services and nodes of a run's own, on free ports and a folder of their own. Every part can be killed, halted and started again. */
export class Site {
  readonly dataDir: string;
  readonly nodes: SiteNode[] = [];
  /** What Redis writes to, where a disk of its own can be had. */
  readonly redisDisk: SmallDisk | undefined;
  readonly #services: RunningServices;
  #halted: number[] = [];

  private constructor(dataDir: string, services: RunningServices, redisDisk: SmallDisk | undefined) {
    this.dataDir = dataDir;
    this.redisDisk = redisDisk;
    this.#services = services;
  }

  static async start(dataDir: string, count: number, log: (line: string) => void): Promise<Site> {
    const redisDisk = SmallDisk.mount(join(dataDir, 'redis'));
    // Durable, since the services are killed too.
    const services = await startServices({ dataDir, log }).catch((error: unknown) => {
      redisDisk?.unmount();
      throw error;
    });
    const site = new Site(dataDir, services, redisDisk);
    const env = {
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'test',
      ROLE: 'all',
      HOST: '127.0.0.1',
      MONGODB_DATABASE: prefix,
      KEY_PREFIX: prefix,
      JWT_SECRET: randomBytes(32).toString('base64url'),
      RATE_LIMITS: 'off',
      LOG_LEVEL: 'debug',
      LEASE_MS: String(leaseMs),
      DRAIN_MS: '10000',
    };
    try {
      const metricsToken = randomBytes(32).toString('base64url');
      for (let i = 0; i < count; i++) {
        const options = {
          id: `n${i + 1}`,
          port: await freePort(),
          dataDir,
          redisUrl: services.redis.url,
          mongodbUrl: services.mongo.url,
          env,
          metricsToken,
        };
        site.nodes.push(await SiteNode.prepare(options));
      }
      await Promise.all(site.nodes.map((node) => node.start()));
    } catch (error) {
      await site.stop(true);
      throw error;
    }
    return site;
  }

  /** Not through any proxy. */
  get redisUrl(): string {
    return this.#services.redis.url;
  }

  get mongodbUrl(): string {
    return this.#services.mongo.url;
  }

  get urls(): string[] {
    return this.nodes.map(({ url }) => url);
  }

  async killRedis(): Promise<void> {
    const { pid, exited } = this.#services.redis;
    if (pid) process.kill(pid, 'SIGKILL');
    await exited;
  }

  async startRedis(): Promise<void> {
    await this.#services.redis.restart?.();
  }

  /** Redis must not run. */
  loseRedisData(): void {
    for (const name of ['appendonlydir', 'appendonly.aof', 'dump.rdb'])
      rmSync(join(this.dataDir, 'redis', name), { recursive: true, force: true });
  }

  async killMongodb(): Promise<void> {
    const { pid, exited } = this.#services.mongo;
    if (pid) process.kill(pid, 'SIGKILL');
    await exited;
  }

  /** The database may take a moment to let its data go. */
  async startMongodb(): Promise<void> {
    await this.#services.mongo.restart?.();
  }

  /** Whoever speaks MongoDB's protocol stops in its tracks: connections stay open, nothing is answered. */
  haltMongodb(): void {
    const endpoint = endpointOf(this.mongodbUrl);
    const gateways = 'path' in endpoint ? allPids().filter((pid) => environmentOf(pid).includes(`GATEWAY_SOCKET=${endpoint.path}`)) : [];
    this.#halted = gateways.length > 0 ? gateways : [this.#services.mongo.pid].filter((pid) => pid !== null);
    for (const pid of this.#halted) process.kill(pid, 'SIGSTOP');
  }

  thawMongodb(): void {
    for (const pid of this.#halted.splice(0)) {
      try {
        process.kill(pid, 'SIGCONT');
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  /** Everything ends, whatever state it is in. */
  async stop(hurry: boolean): Promise<void> {
    this.thawMongodb();
    await Promise.all(this.nodes.map((node) => node.stop(hurry)));
    await this.#services.stop();
    await ServiceProcess.endAll();
    this.redisDisk?.unmount();
  }
}

const environmentOf = (pid: number): string[] => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
};
