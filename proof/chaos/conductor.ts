import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Crowd } from './crowd.js';
import { type FaultName, faultKinds } from './fault-names.js';
import { faults } from './faults/faults.js';
import type { NodeLog } from './node-log.js';
import { type Random, randomOf } from './random.js';
import type { Recorder } from './recorder.js';
import type { Step } from './schedule.js';
import type { Site } from './site.js';

/** A fault that was done: ms from the run's beginning. */
export interface DoneFault {
  name: FaultName;
  what: string;
  node: string;
  begin: number;
  end: number;
  /** Recovery and silence count from here. */
  countsFrom: number;
  /** Another fault was there at the same time. */
  together: boolean;
  notes: string[];
  /** False: it could not be done, or had not the effect that it is about. */
  played: boolean;
  /** What was promised for it and did not come. */
  unkept: string[];
}

export interface ConductorParts {
  site: Site;
  crowd: Crowd;
  redis: Redis;
  recorder: Recorder;
  logs: ReadonlyMap<string, NodeLog>;
  seed: number;
  signal: AbortSignal;
  log(line: string): void;
}

/** How long a pause between two steps is at least, ms. */
const pauseMs = 6_000;
const mostStretch = 1.5;

/** Carries out a schedule, step by step. */
export class Conductor {
  readonly done: DoneFault[] = [];
  /** What is wrong now, for the progress line. */
  current: readonly FaultName[] = [];
  readonly #parts: ConductorParts;
  readonly #random: Random;

  constructor(parts: ConductorParts) {
    this.#parts = parts;
    this.#random = randomOf(parts.seed ^ 0x51ed270b);
  }

  /**
   * Until all steps are done and the load's end has come; never rejects for a fault that could not be done. When recoveries took
   * longer than was planned the load goes on for them, by half as long again at most; steps beyond that are not done.
   */
  async play(steps: readonly Step[], loadBegan: number, loadEnds: number): Promise<void> {
    const { recorder, signal } = this.#parts;
    const wait = (ms: number): Promise<void> => sleep(Math.max(0, ms), undefined, { signal });
    let free = 0;
    for (const { at, faults: together } of steps) {
      await wait(Math.max(loadBegan + at * 1000, free) - recorder.now());
      if (recorder.now() > loadBegan + mostStretch * (loadEnds - loadBegan)) break;
      this.current = together.map(({ name }) => name);
      await Promise.all(together.map(({ name, node }) => this.#one(name, node, together.length > 1)));
      this.current = [];
      free = recorder.now() + pauseMs;
    }
    await wait(Math.max(loadEnds, free) - recorder.now());
  }

  async #one(name: FaultName, nodeIndex: number, together: boolean): Promise<void> {
    const { site, crowd, redis, recorder, logs, signal, log } = this.#parts;
    const node = site.nodes[nodeIndex]!;
    const notes: string[] = [];
    const unkept: string[] = [];
    let played = true;
    const begin = recorder.now();
    recorder.add({ kind: 'fault', at: begin, name, phase: 'begin', detail: node.id });
    try {
      await faults[name]({
        site,
        crowd,
        redis,
        node,
        random: this.#random,
        sleep: (ms) => sleep(ms, undefined, { signal }),
        nodeOff: (gone) => logs.get(gone.id)?.allOff(recorder.now()),
        leaseTaken: (victim, instance) => logs.get(victim.id)?.disown(instance, recorder.now()),
        note: (line) => notes.push(line),
        unkept: (line) => {
          unkept.push(line);
          notes.push(`not as promised: ${line}`);
        },
        notPlayed: (why) => {
          played = false;
          notes.push(`not played: ${why}`);
        },
      });
    } catch (error) {
      if (signal.aborted) throw error;
      played = false;
      notes.push(`could not be done: ${(error as Error).message.split('\n')[0]}`);
      log(`${name}: ${(error as Error).message}`);
    }
    const end = recorder.now();
    recorder.add({ kind: 'fault', at: end, name, phase: 'end', detail: node.id });
    const { what, away } = faultKinds[name];
    this.done.push({ name, what, node: node.id, begin, end, countsFrom: away ? end : begin, together, notes, played, unkept });
  }
}
