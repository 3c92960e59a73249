import { endpointOf, throughPort } from '../../scripts/services/endpoint.js';
import { NodeProcess } from '../../scripts/start/node-process.js';
import { type FaultProxy, startProxy } from './proxy.js';

export interface SiteNodeOptions {
  id: string;
  port: number;
  dataDir: string;
  redisUrl: string;
  mongodbUrl: string;
  env: Record<string, string>;
  metricsToken: string;
}

/** One node as a real process, with ways of its own to Redis and MongoDB. */
export class SiteNode {
  readonly id: string;
  readonly redis: FaultProxy;
  readonly mongodb: FaultProxy;
  readonly process: NodeProcess;
  /** Set while its end is our doing; an end at any other time is a defect. */
  mayEnd = false;
  readonly #metricsToken: string;
  #stopped = false;

  private constructor(options: SiteNodeOptions, redis: FaultProxy, mongodb: FaultProxy) {
    this.id = options.id;
    this.#metricsToken = options.metricsToken;
    this.redis = redis;
    this.mongodb = mongodb;
    this.process = new NodeProcess({
      id: options.id,
      port: options.port,
      dataDir: options.dataDir,
      env: {
        ...options.env,
        METRICS_TOKEN: options.metricsToken,
        REDIS_URL: throughPort(options.redisUrl, redis.port),
        MONGODB_URL: throughPort(options.mongodbUrl, mongodb.port),
      },
    });
  }

  static async prepare(options: SiteNodeOptions): Promise<SiteNode> {
    const redis = await startProxy({ target: endpointOf(options.redisUrl) });
    const mongodb = await startProxy({ target: endpointOf(options.mongodbUrl) });
    return new SiteNode(options, redis, mongodb);
  }

  get url(): string {
    return this.process.url;
  }

  /** What it counts, in Prometheus's text format. */
  async metrics(patienceMs: number): Promise<string> {
    const headers = { authorization: `Bearer ${this.#metricsToken}` };
    const response = await fetch(`${this.url}/metrics`, { headers, signal: AbortSignal.timeout(patienceMs) });
    if (!response.ok) throw new Error(`node ${this.id} shows no metrics: ${response.status}`);
    return response.text();
  }

  get running(): boolean {
    return this.process.pid > 0 && !this.#stopped;
  }

  async start(): Promise<void> {
    await this.process.restart();
    this.mayEnd = false;
    await this.process.untilReady();
  }

  kill(): void {
    this.mayEnd = true;
    this.process.kill();
  }

  pause(): void {
    this.#stopped = true;
    process.kill(this.process.pid, 'SIGSTOP');
  }

  thaw(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    process.kill(this.process.pid, 'SIGCONT');
  }

  /** SIGTERM, waiting for its end. */
  async drain(): Promise<void> {
    this.mayEnd = true;
    await this.process.stop(false);
  }

  clear(): void {
    this.redis.clear();
    this.mongodb.clear();
  }

  async stop(hurry: boolean): Promise<void> {
    this.mayEnd = true;
    this.thaw();
    this.clear();
    await this.process.stop(hurry);
    await Promise.all([this.redis.stop(), this.mongodb.stop()]);
  }
}
