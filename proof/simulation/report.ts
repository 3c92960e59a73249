import { printViolation } from '../history/print.js';
import { type FaultKind, faultKinds } from './faults.js';
import type { RunResult } from './run.js';

/** What a worker says of one seed. */
export interface SeedReport {
  seed: number;
  figures: RunResult['figures'];
  /** Text to print when it failed. */
  failure?: string;
}

/** The sums over many seeds. */
export class Totals {
  passed = 0;
  failed = 0;
  readonly failedSeeds: number[] = [];
  #operations = 0;
  #commits = 0;
  #simulatedMs = 0;
  readonly #faults = new Map<FaultKind, { times: number; seeds: number }>();

  add({ seed, figures, failure }: SeedReport): void {
    if (failure === undefined) this.passed++;
    else {
      this.failed++;
      this.failedSeeds.push(seed);
    }
    this.#operations += figures.operations;
    this.#commits += figures.commits;
    this.#simulatedMs += figures.simulatedMs;
    for (const kind of faultKinds) {
      const times = figures.faults[kind] ?? 0;
      const sum = this.#faults.get(kind) ?? { times: 0, seeds: 0 };
      this.#faults.set(kind, { times: sum.times + times, seeds: sum.seeds + (times > 0 ? 1 : 0) });
    }
  }

  /** `seconds` of real time. */
  lines(seconds: number): string[] {
    const seeds = this.passed + this.failed;
    const hours = (this.#simulatedMs / 3_600_000).toFixed(1);
    return [
      'faults that took place, and in how many seeds:',
      ...[...this.#faults].map(
        ([kind, { times, seeds: among }]) => `  ${kind.padEnd(20)} ${String(times).padStart(7)} ${String(among).padStart(7)}`,
      ),
      `${this.#operations} operations, ${this.#commits} commits, ${hours} h of simulated time in ${seconds.toFixed(0)} s (${(seeds / seconds).toFixed(1)} seeds/s)`,
      ...(this.failed > 0 ? [`failed: ${this.failedSeeds.sort((a, b) => a - b).join(' ')}`] : []),
      `${this.passed} seeds passed, ${this.failed} failed`,
    ];
  }
}

const mostShown = 5;

/** What went wrong with a seed, in words: each invariant once, with its shortest history, and how to see it again. */
export const failureText = (shortest: RunResult): string => {
  const { seed, violations, history, figures } = shortest;
  const kinds = Object.entries(figures.faults).map(([kind, times]) => `${times} ${kind}`);
  const shown = new Map(
    violations.map((violation) => [violation.invariant, violation]).reverse() as [number, (typeof violations)[number]][],
  );
  return [
    `seed ${seed} fails: ${violations.length} violations in its shortest run (${figures.operations} operations; faults: ${kinds.join(', ') || 'none'})`,
    ...[...shown.values()].slice(0, mostShown).map((violation) => printViolation(history, violation)),
    ...history.final.defects.slice(0, 2).map(({ process, line }) => `  ${process}: ${line}`),
    `see it again: npm run sim -- --seed ${seed}`,
  ].join('\n');
};
