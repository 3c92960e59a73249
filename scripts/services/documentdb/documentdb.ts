import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mongoUrlOf } from '../endpoint.js';
import { answers } from '../mongo-ping.js';
import type { RunningService, ServiceOptions } from '../running-service.js';
import { ServiceProcess } from '../service-process.js';
import { socketFolder } from '../socket-folder.js';
import { bundleGateway } from './gateway-bundle.js';
import { PostgresServer } from './postgres-server.js';
import { documentDbRoot } from './root.js';

/** MongoDB's protocol on a Unix socket, served by PostgreSQL with DocumentDB behind a wire gateway. */
export const startDocumentDb = async (options: ServiceOptions): Promise<RunningService> => {
  const root = await documentDbRoot(options.log);
  const socket = join(socketFolder(options.dataDir, options.log), 'mongo.sock');
  const server = new PostgresServer(root, options.dataDir, options.durable ?? true, options.log);
  const service = new DocumentDb(server, socket, await bundleGateway(), join(options.dataDir, 'logs', 'gateway.log'));
  await service.restart();
  options.log(`mongo: ${service.url}, ${service.source}, data in ${join(options.dataDir, 'documentdb')}`);
  return service;
};

class DocumentDb implements RunningService {
  readonly name = 'mongo';
  readonly url: string;
  readonly source = 'DocumentDB on PostgreSQL';
  readonly #server: PostgresServer;
  readonly #socket: string;
  readonly #program: string;
  readonly #logFile: string;
  #gateway: ServiceProcess | undefined;

  constructor(server: PostgresServer, socket: string, program: string, logFile: string) {
    this.#server = server;
    this.#socket = socket;
    this.#program = program;
    this.#logFile = logFile;
    this.url = mongoUrlOf(socket, 'directConnection=true');
  }

  /** The database's own process; the gateway holds nothing that could be lost. */
  get pid(): number | null {
    return this.#server.pid;
  }

  get exited(): Promise<void> {
    return Promise.race([this.#server.exited, this.#gateway?.exited ?? Promise.resolve()]);
  }

  /** Starts what is not running: the gateway finds a new PostgreSQL by itself. */
  async restart(): Promise<void> {
    if (!this.#server.running) await this.#server.start();
    if (!this.#gateway?.running) await this.#startGateway();
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop([
      ['SIGTERM', 3000],
      ['SIGKILL', 3000],
    ]);
    await this.#server.stop();
  }

  async #startGateway(): Promise<void> {
    const gateway = await ServiceProcess.start({
      command: process.execPath,
      args: [this.#program],
      env: { PATH: process.env.PATH, GATEWAY_SOCKET: this.#socket, GATEWAY_POSTGRES: this.#server.socketPath },
      logFile: this.#logFile,
      pipeStdin: true,
    });
    this.#gateway = gateway;
    for (const until = performance.now() + 15_000; performance.now() < until; await sleep(25)) {
      if (!gateway.running) throw new Error(`the DocumentDB gateway ended at once:\n${gateway.tail()}`);
      if (await answers(this.url)) return;
    }
    throw new Error(`the DocumentDB gateway does not answer; its log is ${this.#logFile}`);
  }
}
