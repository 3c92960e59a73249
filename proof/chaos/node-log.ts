import { LogTail } from './log-tail.js';
import type { Recorder } from './recorder.js';

const defect = /uncaught exception|unhandled rejection|UnhandledPromise|"defect|defect:/i;
const maxDefects = 200;
/** What poison messages name, and nobody else: that this one key fails and is left alone is what is wanted. */
const poisoned = '"to":"thread/not-an-id"';

interface Line {
  time?: string;
  msg?: string;
  kind?: string;
  key?: string;
  epoch?: number;
  instance?: string;
  member?: string;
}

interface Active {
  address: string;
  instance: string;
  epoch: number;
}

/** What one node's log tells of activations, fencing and defects. */
export class NodeLog {
  readonly defects: string[] = [];
  readonly #recorder: Recorder;
  readonly #tail: LogTail;
  readonly #active = new Map<string, Active>();
  /** Instances whose lease was taken from them while they could not hear of it. */
  readonly #disowned = new Set<string>();
  lines = 0;

  constructor(recorder: Recorder, file: string) {
    this.#recorder = recorder;
    this.#tail = new LogTail(file, (line) => this.#line(line));
    this.#tail.start(250);
  }

  /** The process is dead, or halted past its lease: what it had active does not act any more as of `at`. */
  allOff(at: number): void {
    this.#tail.read();
    for (const active of this.#active.values()) this.#change(active, false, at);
    this.#active.clear();
  }

  /** This instance lost its lease at `at` without knowing: what it activates from now on is fenced from its beginning. */
  disown(instance: string, at: number): void {
    this.allOff(at);
    this.#disowned.add(instance);
  }

  stop(): void {
    this.#tail.stop();
  }

  #line(line: string): void {
    this.lines++;
    if (defect.test(line) && !line.includes(poisoned) && this.defects.length < maxDefects) this.defects.push(line.slice(0, 2_000));
    const activation = line.includes('activated"');
    if (!activation && !line.includes('this node is fenced')) return;
    const { time, msg, kind, key, epoch, instance, member }: Line = parsed(line);
    const at = Math.max(0, Date.parse(time ?? '') - this.#recorder.epochMs) || 0;
    if (activation && kind && key && instance && epoch !== undefined) {
      if (this.#disowned.has(instance)) return;
      const active = { address: `${kind}:${key}`, instance, epoch };
      const id = `${active.address} ${instance}`;
      if (msg === 'activated') {
        this.#active.set(id, active);
        this.#change(active, true, at);
      } else if (msg === 'deactivated' && this.#active.delete(id)) this.#change(active, false, at);
    } else if (member) {
      for (const [id, active] of this.#active) {
        if (active.instance !== member) continue;
        this.#active.delete(id);
        this.#change(active, false, at);
      }
    }
  }

  #change({ address, instance, epoch }: Active, on: boolean, at: number): void {
    this.#recorder.add({ kind: 'activation', at, address, instance, epoch, on });
  }
}

const parsed = (line: string): Line => {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return {};
  }
};
