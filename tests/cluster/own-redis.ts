import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../../scripts/services/redis-server.js';
import type { RunningService } from '../../scripts/services/running-service.js';

/** A Redis that a test may kill, empty, set back and fill. */
export class OwnRedis {
  readonly #service: RunningService;
  readonly #folder: string;

  private constructor(service: RunningService, folder: string) {
    this.#service = service;
    this.#folder = folder;
  }

  static async start(): Promise<OwnRedis> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-redis-'));
    return new OwnRedis(await startRedis({ dataDir: folder, log: () => undefined }), folder);
  }

  get url(): string {
    return this.#service.url;
  }

  /** As after a power cut. */
  async kill(): Promise<void> {
    const { pid } = this.#service;
    if (pid) process.kill(pid, 'SIGKILL');
    await this.#service.exited;
  }

  restart(): Promise<void> {
    return this.#service.restart?.() ?? Promise.resolve();
  }

  /** While it is down: all its data go. */
  empty(): void {
    rmSync(join(this.#folder, 'redis', 'appendonlydir'), { recursive: true, force: true });
  }

  /** Keeps what it knows now. */
  keepCopy(): void {
    cpSync(join(this.#folder, 'redis', 'appendonlydir'), join(this.#folder, 'copy'), { recursive: true });
  }

  /** While it is down: it knows again what it knew when the copy was kept, as a replica that had fallen behind does. */
  setBack(): void {
    this.empty();
    cpSync(join(this.#folder, 'copy'), join(this.#folder, 'redis', 'appendonlydir'), { recursive: true });
  }

  async stop(): Promise<void> {
    await this.#service.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
