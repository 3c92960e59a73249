import { check } from '../history/check.js';
import type { Final, History, Violation } from '../history/history.js';
import { type FaultKind, Faults, type PlannedFault, planFaults } from './faults.js';
import { Random } from './random.js';
import { seedAllIds } from './seeded-ids.js';
import { liveness, Settling } from './settling.js';
import { planOperations, Workload } from './workload.js';
import { type Sabotage, World } from './world.js';

export interface RunOptions {
  seed: number;
  /** Of the plan, only these operations and faults (by their place in it). */
  operations?: readonly number[] | undefined;
  faults?: readonly number[] | undefined;
  sabotage?: Sabotage | undefined;
  log?: ((line: string) => void) | undefined;
}

export interface RunResult {
  seed: number;
  history: History;
  violations: readonly Violation[];
  /** Sums up everything that happened, in its order: the same for the same seed and options, in whatever process. */
  digest: string;
  plan: { operations: readonly number[]; faults: readonly PlannedFault[] };
  figures: { operations: number; commits: number; steps: number; simulatedMs: number; faults: Partial<Record<FaultKind, number>> };
}

/** A sweep passes over what was written a moment ago, ms. */
const sweptMs = 6_000;

/** No run takes longer, in its own time. */
const limitMs = 20 * 60_000;

/** Runs one seed to its end and judges its history. */
export const runSeed = async (options: RunOptions): Promise<RunResult> => {
  const release = seedAllIds(new Random(`seed ${options.seed}`));
  const world = new World(options);
  const unhandled = (error: unknown): void =>
    world.recorder.defect('process', `unhandled rejection: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.on('unhandledRejection', unhandled);
  try {
    return await world.time.drive(runWorld(world, options), limitMs);
  } finally {
    release();
    process.off('unhandledRejection', unhandled);
  }
};

const runWorld = async (world: World, { seed, operations, faults: chosen }: RunOptions): Promise<RunResult> => {
  const random = world.random.fork('plan');
  await world.begin();
  const withinMs = random.between(15_000, 40_000);
  const allOperations = planOperations(random.fork('operations'), random.int(80, 180), withinMs);
  const allFaults = planFaults(random.fork('faults'), world.nodeNames, withinMs);
  const keptOperations = operations ? allOperations.filter(({ index }) => operations.includes(index)) : allOperations;
  const keptFaults = chosen ? allFaults.filter((_, i) => chosen.includes(i)) : allFaults;
  // What was there before the first node did is copied into ledgers while operations and faults go on.
  void world.time.sleep(sweptMs).then(() => world.worker.sweepUntold().catch(() => undefined));
  const workload = new Workload(world, keptOperations);
  const faults = new Faults(world, keptFaults);
  await world.time.sleep(withinMs);
  faults.endAll();
  const settling = new Settling(world, workload);
  const late = await settling.settle();
  const final: Final = await settling.final();
  const history: History = { title: `seed ${seed}`, entries: world.recorder.entries, final };
  const violations = [...check(history).violations, ...liveness([...late, ...settling.refused, ...workload.stuck])];
  return {
    seed,
    history,
    violations,
    digest: world.recorder.digest(),
    plan: { operations: allOperations.map(({ index }) => index), faults: allFaults },
    figures: {
      operations: workload.done,
      commits: world.commits,
      steps: world.time.steps,
      simulatedMs: Math.round(world.time.now),
      faults: faults.counts,
    },
  };
};
