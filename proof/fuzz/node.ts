import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { Limits } from './options.js';

export interface Services {
  redisUrl: string;
  mongoUrl: string;
}

const startLimitMs = 60_000;
const askLimitMs = 60_000;

/** A node under attack: a process of its own, what it complains of, and how much it keeps. */
export class FuzzNode {
  readonly url: string;
  readonly #child: ChildProcess;
  #complaints: string[] = [];
  #inspector: Inspector | undefined;
  readonly #listening: Promise<string>;

  private constructor(port: number, env: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}`;
    // The inspector listens for this process alone, on a port and a path that nobody can guess.
    this.#child = spawn(process.execPath, ['--inspect=127.0.0.1:0', '--enable-source-maps', 'dist/main.js'], {
      env: { PATH: process.env.PATH ?? '', PORT: String(port), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let found: (url: string) => void = () => undefined;
    this.#listening = new Promise((resolve) => {
      found = resolve;
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        const address = /^Debugger listening on (ws:\S+)/.exec(line)?.[1];
        if (address) found(address);
        else if (isComplaint(line)) this.#complaints.push(line.slice(0, 2_000));
      });
    }
  }

  static async start({ redisUrl, mongoUrl }: Services, limits: Limits, name: string): Promise<FuzzNode> {
    const node = new FuzzNode(await freePort(), {
      NODE_ENV: 'test',
      NODE_ID: 'fuzz',
      ROLE: 'all',
      HOST: '127.0.0.1',
      REDIS_URL: redisUrl,
      MONGODB_URL: mongoUrl,
      MONGODB_DATABASE: name,
      KEY_PREFIX: name,
      JWT_SECRET: 'a-secret-for-tests-of-more-than-32-bytes',
      RATE_LIMITS: limits,
    });
    const started = performance.now();
    while (!(await node.#isReady())) {
      if (!node.isRunning || performance.now() - started > startLimitMs) {
        await node.end();
        throw new Error(`the node does not start: ${node.complaints().join('\n')}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    node.#inspector = await Inspector.at(await node.#listening);
    return node;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What was logged as an error since the last call. */
  complaints(): string[] {
    const complaints = this.#complaints;
    this.#complaints = [];
    return complaints;
  }

  /** Bytes that it keeps, counted behind a collection. */
  async kept(): Promise<number> {
    await this.#inspector?.ask('HeapProfiler.collectGarbage');
    const answer = await this.#inspector?.ask('Runtime.evaluate', {
      expression: '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())',
      returnByValue: true,
    });
    return Number((answer?.result as { value?: unknown } | undefined)?.value ?? 0);
  }

  async end(): Promise<void> {
    this.#inspector?.close();
    if (!this.isRunning) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const forced = setTimeout(() => this.#child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(forced);
  }

  #isReady(): Promise<boolean> {
    return fetch(`${this.url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  }
}

/** Errors and worse; and what is no log line at all, unless Node says it of its inspector. */
const isComplaint = (line: string): boolean => {
  try {
    return (JSON.parse(line) as { level?: number }).level! >= 50;
  } catch {
    return (
      line.trim() !== '' &&
      !/^(For help, see|Debugger |\s*https:\/\/nodejs)/.test(line) &&
      /error|warning|unhandled|uncaught|^\s+at /i.test(line)
    );
  }
};

/** The inspector's protocol, as far as it is needed. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: Record<string, unknown>) => void>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (bytes: Buffer) => {
      const { id, result } = JSON.parse(bytes.toString('utf8')) as { id?: number; result?: Record<string, unknown> };
      if (id !== undefined) this.#waiting.get(id)?.(result ?? {});
    });
    socket.on('error', () => undefined);
  }

  static async at(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return new Inspector(socket);
  }

  ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`the inspector does not answer ${method}`)), askLimitMs);
      this.#waiting.set(id, (result) => {
        clearTimeout(late);
        this.#waiting.delete(id);
        resolve(result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
