import type { Scene } from './scene.js';

/** A server under load, a peer's or ours: where it is, which processes it is, and who may come. */
export interface Ground {
  readonly port: number;
  /** Of every node; the first one's is `port`. */
  readonly ports: readonly number[];
  /** The server's processes, for CPU and memory. */
  readonly pids: readonly number[];
  /** Tokens of members, by number. */
  readonly tokens: readonly string[];
  readonly scene: Scene;
  end(): Promise<void>;
}
