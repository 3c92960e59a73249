import { execFileSync } from 'node:child_process';
import { Child } from '../processes/child.js';
import { type BenchServices, startBenchServices } from '../servers/bench-services.js';
import type { Chart } from './chart.js';
import type { BenchOptions } from './options.js';
import { type Progress, showProgress } from './progress.js';
import { Stage } from './stage.js';
import type { Row, Workload } from './workload.js';

/** The workloads of a run, one after the other, on services of its own. */
export class Suite {
  readonly #workloads: readonly Workload[];
  readonly #options: BenchOptions;
  #services: BenchServices | undefined;
  #starting: Promise<BenchServices> | undefined;
  #progress: Progress | undefined;
  #stage: Stage | undefined;
  #ending: Promise<void> | undefined;

  constructor(workloads: readonly Workload[], options: BenchOptions) {
    this.#workloads = workloads.filter(({ id }) => options.only.includes(id));
    this.#options = options;
  }

  async play(): Promise<{ rows: Row[]; charts: Chart[] }> {
    this.#starting = startBenchServices((line) => console.error(line));
    const services = await this.#starting;
    this.#services = services;
    const progress = showProgress(this.#workloads.reduce((sum, { steps }) => sum + steps, 0));
    this.#progress = progress;
    const rows: Row[] = [];
    const charts: Chart[] = [];
    for (const workload of this.#workloads) {
      const named = (label: string): string => `${workload.id} ${workload.name}: ${label}`;
      const stage = new Stage({
        services,
        quick: this.#options.quick,
        archive: this.#options.archive,
        onStep: (label) => progress.step(named(label)),
        onTell: (label) => progress.tell(named(label)),
      });
      this.#stage = stage;
      try {
        rows.push(...(await this.#playOne(workload, stage)));
      } catch (error) {
        if (this.#ending) throw error;
        // The others are still worth knowing.
        progress.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
        rows.push(failed(workload, (error as Error).message.split('\n')[0] ?? ''));
      }
      charts.push(...stage.charts);
    }
    progress.stop();
    return { rows, charts };
  }

  async #playOne(workload: Workload, stage: Stage): Promise<Row[]> {
    const lacks = this.#lacks(workload);
    if (lacks) throw new Error(lacks);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done within ${workload.mostMinutes} minutes`)), workload.mostMinutes * 60_000);
    });
    const played = workload.run(stage);
    try {
      return await Promise.race([played, late]);
    } finally {
      clearTimeout(timer);
      // Without its processes it comes to its end at once.
      await Child.endAll();
      await Promise.allSettled([played]);
    }
  }

  #lacks({ needs }: Workload): string | null {
    const files = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }));
    return needs.files && files < needs.files ? `${needs.files} open files are needed, ${files} are allowed (ulimit -n)` : null;
  }

  /** Ends everything that was started. Again: the same. */
  end(): Promise<void> {
    this.#ending ??= (async () => {
      this.#progress?.stop();
      await Child.endAll();
      await this.#stage?.end();
      const services = this.#services ?? (await this.#starting?.catch(() => undefined));
      await services?.end();
    })();
    return this.#ending;
  }
}

const failed = ({ id, name }: Workload, why: string): Row => ({
  ...{ id, name, unit: '', figure: null, peer: null, ratio: null },
  ...{ goal: 'to be measured', held: false, note: `could not be measured: ${why}` },
});
