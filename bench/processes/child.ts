import { type ChildProcess, fork } from 'node:child_process';
import type { Answer } from './calls.js';

/** A process of the bench's own, asked by calls. It ends with us, whatever ends us. */
export class Child {
  static readonly #all = new Set<Child>();
  readonly pid: number;
  readonly #process: ChildProcess;
  readonly #name: string;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #next = 1;
  #ended: string | undefined;

  private constructor(child: ChildProcess, name: string) {
    this.#process = child;
    this.#name = name;
    this.pid = child.pid ?? 0;
    Child.#all.add(this);
    child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if (answer.ok) waiting?.resolve(answer.value);
      else waiting?.reject(new Error(`${name}: ${answer.error}`));
    });
    const end = (why: string): void => {
      this.#ended ??= `${name} ${why}`;
      Child.#all.delete(this);
      for (const { reject } of this.#waiting.values()) reject(new Error(this.#ended));
      this.#waiting.clear();
    };
    child.on('exit', (code, signal) => end(`ended (${signal ?? code})`));
    child.on('error', (error) => end(`failed: ${error.message}`));
  }

  /** `module`: its URL. `env` is added to ours. */
  static start(module: URL, name: string, options: { env?: Record<string, string>; nodeArguments?: string[] } = {}): Child {
    const child = fork(module, [], {
      execArgv: ['--import', 'tsx', ...(options.nodeArguments ?? [])],
      env: { ...process.env, NODE_ENV: 'production', ...options.env },
      // A group of its own: Ctrl-C reaches only the bench, which ends its children.
      detached: true,
    });
    return new Child(child, name);
  }

  call<T>(name: string, input: unknown = null): Promise<T> {
    if (this.#ended) return Promise.reject(new Error(this.#ended));
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#process.send({ id, name, input }, (error) => {
        if (error && this.#waiting.delete(id)) reject(new Error(`${this.#name}: ${error.message}`));
      });
    });
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    const exited = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.kill('SIGKILL');
    await exited;
  }

  static async endAll(): Promise<void> {
    await Promise.all([...Child.#all].map((child) => child.end()));
  }
}
