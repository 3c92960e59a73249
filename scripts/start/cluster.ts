import { join, resolve } from 'node:path';
import { loadConfig } from '../../src/kernel/config.js';
import { buildAll } from '../build.js';
import { type Keeper, keepAlive, type Mortal } from '../services/keep-alive.js';
import { startNothingMore } from '../services/last-orders.js';
import { LockFile } from '../services/lock-file.js';
import { portProblem } from '../services/ports.js';
import { privateFolder } from '../services/private-folder.js';
import { ServiceProcess } from '../services/service-process.js';
import { type RunningServices, startServices } from '../services/services.js';
import { endPrograms } from '../services/shell.js';
import { removeSocketFolder } from '../services/socket-folder.js';
import { watchLog } from './log-watch.js';
import { metricsToken } from './metrics-token.js';
import { coresOfNode } from './node-flags.js';
import { endOrphanNode, NodeProcess } from './node-process.js';
import { preflight } from './preflight.js';
import { RollingRestart } from './rolling-restart.js';
import { RunFile } from './run-file.js';
import { jwtSecret } from './secrets.js';
import type { StartOptions } from './start-options.js';

/**
 * Everything that `npm start` runs, on one data directory. Whatever dies is started again; `stop` ends all of it in order. After a
 * `kill -9` of this process the children end by themselves where the system can tell them, and the next start ends what is left.
 */
export class Cluster {
  readonly #options: StartOptions;
  readonly #log: (line: string) => void;
  readonly #runFile: RunFile;
  readonly #lock: LockFile;
  readonly #keepers = new Map<Mortal, Keeper>();
  readonly #watches: { stop(): void }[] = [];
  #services: RunningServices | undefined;
  #nodes: NodeProcess[] = [];
  /** Once everything runs. */
  #rolling: RollingRestart | undefined;
  #stopping = false;

  constructor(options: StartOptions, log: (line: string) => void) {
    this.#options = { ...options, dataDir: resolve(options.dataDir) };
    this.#log = log;
    privateFolder(this.#options.dataDir);
    this.#runFile = new RunFile(this.#options.dataDir);
    const lock = LockFile.tryTake(join(this.#options.dataDir, 'supervisor.lock'));
    if (!(lock instanceof LockFile))
      throw new Error(`${this.#options.dataDir} is in use by process ${lock}; stop that one or give another --data-dir`);
    this.#lock = lock;
  }

  get nodes(): readonly { id: string; url: string }[] {
    return this.#nodes;
  }

  async start(): Promise<void> {
    const { nodes, port, dataDir } = this.#options;
    for (const left of this.#runFile.read()?.nodes ?? []) await endOrphanNode(left.pid);
    const ports = Array.from({ length: nodes }, (_, i) => port + i);
    for (const wanted of ports) {
      const problem = await portProblem(wanted);
      if (problem) throw new Error(problem);
    }
    preflight(dataDir);
    const env = {
      ROLE: 'all',
      // Less than we wait for it before it is killed.
      DRAIN_MS: '12000',
      ...process.env,
      JWT_SECRET: jwtSecret(dataDir),
      METRICS_TOKEN: metricsToken(dataDir),
    };
    // What is wrong in it is told before anything is started.
    loadConfig({ env });
    await buildAll(this.#log, false);
    const services = await startServices({ dataDir, log: this.#log });
    this.#services = services;
    for (const service of [services.redis, services.mongo])
      this.#keepers.set(
        service,
        keepAlive(service, this.#log, () => this.#write()),
      );
    const toServices = { REDIS_URL: services.redis.url, MONGODB_URL: services.mongo.url };
    const cores = coresOfNode(nodes);
    this.#nodes = ports.map(
      (nodePort, i) => new NodeProcess({ id: `n${i + 1}`, port: nodePort, dataDir, env: { ...env, ...toServices }, cores }),
    );
    for (const node of this.#nodes) {
      if (this.#stopping) return;
      this.#watches.push(watchLog(node.name, node.logFile, this.#log));
      await node.restart();
      this.#write();
    }
    await Promise.all(
      this.#nodes.map(async (node) => {
        await node.untilReady();
        this.#log(`${node.name} is ready`);
        this.#keep(node);
      }),
    );
    this.#rolling = new RollingRestart({
      // From the last to the first: who leaves a node goes to the next of a list, which then is mostly one that stays.
      members: this.#nodes.toReversed().map((node) => ({
        name: node.name,
        ready: () => node.ready(),
        untilReady: (signal) => node.untilReady(signal),
        renew: (signal) => this.#renew(node, signal),
      })),
      // A build that fails has written nothing.
      prepare: () => buildAll(this.#log, false),
      log: this.#log,
    });
  }

  /**
   * Builds what has changed and restarts the nodes one by one, each when all others take work; clients move from node to node and
   * lose nothing. Whatever fails ends it there, and what runs goes on.
   */
  rollingRestart(): void {
    if (this.#rolling) this.#rolling.request();
    else this.#log('not everything runs yet: no rolling restart');
  }

  #keep(node: NodeProcess): void {
    this.#keepers.set(
      node,
      keepAlive(node, this.#log, () => this.#returned(node)),
    );
  }

  async #renew(node: NodeProcess, signal: AbortSignal): Promise<void> {
    this.#keepers.get(node)?.release();
    try {
      await node.stop(false);
      if (signal.aborted) return;
      await node.restart();
      this.#write();
      await node.untilReady(signal);
    } finally {
      // One that did not come back is tried again as if it had died.
      if (!signal.aborted) this.#keep(node);
    }
  }

  #returned(node: NodeProcess): void {
    this.#write();
    node.untilReady().then(
      () => this.#log(`${node.name} is ready again`),
      (error: Error) => this.#stopping || this.#log(error.message.split('\n')[0]!),
    );
  }

  /** In order: nodes, MongoDB, Redis. Asked for again, it waits for nobody any more. */
  async stop(): Promise<void> {
    if (this.#stopping) return this.#hurry();
    this.#stopping = true;
    startNothingMore();
    for (const keeper of this.#keepers.values()) keeper.release();
    for (const watch of this.#watches) watch.stop();
    await Promise.all([this.#rolling?.cancel(), ...this.#nodes.map((node) => node.stop(false))]);
    // One that was just being started again.
    await Promise.all(this.#nodes.map((node) => node.stop(false)));
    await this.#services?.stop();
    // A start that was broken off may have children that it had not handed over yet.
    await Promise.all([endPrograms(), ServiceProcess.endAll()]);
    removeSocketFolder(this.#options.dataDir);
    this.#runFile.remove();
    this.#lock.release();
  }

  #hurry(): void {
    for (const node of this.#nodes) node.kill();
  }

  #write(): void {
    const services = this.#services;
    if (this.#stopping || !services) return;
    this.#runFile.write({
      supervisor: { pid: process.pid },
      nodes: this.#nodes.filter(({ pid }) => pid > 0).map(({ id, url, pid }) => ({ id, url, pid })),
      services: {
        redis: { url: services.redis.url, pid: services.redis.pid },
        mongo: { url: services.mongo.url, pid: services.mongo.pid },
      },
    });
  }
}
