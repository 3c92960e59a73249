import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testMongodbUrl, testRedisUrl } from '../services-env.js';
import { until } from '../until.js';

/** Real node processes on the test services: each cluster has a database and a key prefix of its own. */

export interface ClusterOptions {
  nodes: number;
  env?: Record<string, string>;
  /** What one of them (from 0) is told besides: say, another way to its services. */
  envOf?: (index: number) => Record<string, string>;
  /** Take over the data of an earlier cluster. */
  name?: string;
}

/** With which the nodes of tests sign access tokens. */
export const clusterSecret = 'a-secret-for-tests-of-more-than-32-bytes';

/** What the nodes of tests ask of whoever reads their metrics. */
export const metricsToken = 'a-token-for-the-metrics-of-tests';

export const metricsOf = async (url: string): Promise<string> =>
  (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${metricsToken}` } })).text();

export class TestNode {
  #child: ChildProcess | undefined;
  readonly url: string;

  constructor(
    readonly id: string,
    readonly port: number,
    readonly logFile: string,
    private readonly env: Record<string, string>,
  ) {
    this.url = `http://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  async start(): Promise<void> {
    const log = createWriteStream(this.logFile, { flags: 'a' });
    this.#child = spawn(process.execPath, ['--enable-source-maps', 'dist/main.js'], {
      env: { PATH: process.env.PATH ?? '', NODE_ID: this.id, PORT: String(this.port), ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.pipe(log, { end: false });
    this.#child.stderr?.pipe(log, { end: false });
    await until(
      `${this.id} to be ready`,
      () => this.ready(),
      () => {
        if (!this.running) throw new Error(`${this.id} ended while starting:\n${this.log.slice(-3000)}`);
      },
    );
  }

  async ready(): Promise<boolean> {
    return fetch(`${this.url}/readyz`).then(
      (r) => r.ok,
      () => false,
    );
  }

  /** Sends a signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child?.kill(signal);
  }

  /** Sends a signal and waits for the end; answers the exit code, null after a kill. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || !this.running) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    const forced = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const code = await ended;
    clearTimeout(forced);
    return code;
  }
}

export interface TestCluster {
  name: string;
  nodes: TestNode[];
  urls: string[];
  /** Ends every node and fails if one logged an unhandled rejection or an uncaught exception. */
  stop(): Promise<void>;
}

export const startCluster = async (options: ClusterOptions): Promise<TestCluster> => {
  const name = options.name ?? `t${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  const logs = mkdtempSync(join(tmpdir(), 'parley-cluster-'));
  const env = {
    NODE_ENV: 'test',
    ROLE: 'all',
    HOST: '127.0.0.1',
    REDIS_URL: testRedisUrl(),
    MONGODB_URL: testMongodbUrl(),
    MONGODB_DATABASE: name,
    KEY_PREFIX: name,
    JWT_SECRET: clusterSecret,
    RATE_LIMITS: 'off',
    METRICS_TOKEN: metricsToken,
    ...options.env,
  };
  const ports = await freePorts(options.nodes);
  const nodes = ports.map((port, i) => new TestNode(`n${i + 1}`, port, join(logs, `n${i + 1}.log`), { ...env, ...options.envOf?.(i) }));
  await Promise.all(nodes.map((node) => node.start()));
  return {
    name,
    nodes,
    urls: nodes.map((n) => n.url),
    stop: async () => {
      await Promise.all(nodes.map((node) => node.end('SIGTERM')));
      for (const node of nodes) {
        const bad = node.log.split('\n').find((l) => /unhandled rejection|uncaught exception|UnhandledPromise/i.test(l));
        if (bad) throw new Error(`${node.id} logged: ${bad.slice(0, 2000)}`);
      }
    },
  };
};

export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
};
