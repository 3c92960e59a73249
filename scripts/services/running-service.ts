export interface ServiceOptions {
  dataDir: string;
  /** `false` only for data that may be lost with the machine, such as a test's: nothing is forced to the disk. */
  durable?: boolean;
  log(line: string): void;
}

export interface RunningService {
  readonly name: 'redis' | 'mongo';
  readonly url: string;
  /** Null: not ours to start or stop. */
  readonly pid: number | null;
  /** What serves: a variable's name, a program's path, or a description. */
  readonly source: string;
  stop(): Promise<void>;
  /** Resolves when the process that now serves has died; never for one that is not ours. */
  readonly exited: Promise<void>;
  /** Starts again what has died, under the same address and on the same data. */
  restart?(): Promise<void>;
}

/** A service that somebody else runs. */
export const external = (name: 'redis' | 'mongo', url: string, source: string): RunningService => ({
  name,
  url,
  source,
  pid: null,
  stop: async () => undefined,
  exited: new Promise(() => undefined),
});
