import { CpuWindow } from '../measure/cpu-window.js';
import { memoryOf, untilCalm } from '../measure/process-usage.js';
import { oneCommunity } from '../servers/scene.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { flatRow, plotSeries, type Series, seriesRows } from './series.js';

const authors = 20;

/** 11: the same stream of messages into ever more threads. */
export const activeThreads: Workload = {
  id: 11,
  name: 'active threads',
  steps: 1,
  needs: {},
  mostMinutes: 12,
  async run(stage: Stage): Promise<Row[]> {
    const sizes = stage.pick([1, 10, 100, 1_000, 10_000, 100_000], [1, 10, 100, 200]);
    const perSecond = stage.pick(500, 50);
    const seconds = stage.pick(10, 2);
    stage.step(`${sizes.at(-1)} threads`);
    return stage.onParley(oneCommunity(authors, sizes.at(-1)!), async ({ port, pids, tokens, scene }, fleet) => {
      const [pid] = pids as [number];
      const { threads } = scene.places[0]!;
      await fleet.connectSenders(port, tokens);
      const violations: string[] = [];
      const cpu: [number, number][] = [];
      const memory: [number, number | null][] = [];
      const talk = (size: number, time: number): Promise<void> => {
        const lines = threads.slice(0, size).map((thread, i) => ({ thread, senders: [i % authors] }));
        return fleet.openLoop({ lines, ticksPerSecond: perSecond, burst: 1, asOne: false, seconds: time });
      };
      // The process warms up on threads that count for nothing.
      await talk(sizes[0]!, seconds);
      await untilCalm(pids, 10_000);
      const before = memoryOf(pid);
      for (const size of sizes) {
        stage.tell(`${size} threads`);
        // Every one of them is awake before it counts.
        await talk(size, Math.max(seconds / 2, (size / perSecond) * 1.01));
        await fleet.reset();
        const window = new CpuWindow(pids);
        await talk(size, seconds);
        const used = window.read();
        const findings = await fleet.findings();
        violations.push(...findings.violations);
        cpu.push([size, (1e6 * used.cpu) / findings.acknowledged]);
        await untilCalm(pids, 10_000);
        const after = memoryOf(pid);
        memory.push([size, before && after && size >= 1_000 ? (after.rss - before.rss) / size / 1024 : null]);
      }
      const common = { id: 11, of: 'active threads', violations, notes: stage.noises };
      const cost: Series = {
        ...{ ...common, cost: 'CPU a message', unit: 'µs', points: cpu },
        notes: [`${perSecond} messages/s into the threads in turn, of ${authors} authors, nobody listens`, ...stage.noises],
      };
      const size: Series = { ...common, cost: 'memory a thread', unit: 'KB', points: memory.filter(([, each]) => each !== null) };
      plotSeries(stage, '11: CPU a message', [cost], { label: 'µs' });
      const why =
        'above 5,000 threads each message finds a thread that asks its community for its author’s standing again (kept for 10 s) and writes its own head';
      return [...seriesRows(cost), flatRow(cost, sizes[2]!, why), ...seriesRows(size)];
    });
  },
};
