import { CpuWindow } from '../measure/cpu-window.js';
import { memoryOf, untilCalm } from '../measure/process-usage.js';
import { scene } from '../servers/scene.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { flatRow, plotSeries, type Series, seriesRows } from './series.js';

const inCommunity = 100;
const threads = 3;

/** 14: ever more connections that say nothing. */
export const connections: Workload = {
  id: 14,
  name: 'connections',
  steps: 1,
  needs: { files: 10_000 },
  mostMinutes: 10,
  async run(stage: Stage): Promise<Row[]> {
    const sizes = stage.pick([1_000, 3_000, 6_000, 9_000], [100, 200, 400]);
    const most = sizes.at(-1)!;
    const idle = stage.pick(12_000, 1_000);
    const places = Array.from({ length: Math.ceil(most / inCommunity) }, (_, i) => ({
      from: i * inCommunity,
      to: Math.min(most, (i + 1) * inCommunity),
      threads,
    }));
    stage.step(`${most} sockets`);
    return stage.onParley(scene(most, places), async ({ port, pids, tokens, scene: { places: communities } }, fleet) => {
      const [pid] = pids as [number];
      await untilCalm(pids, 20_000);
      const before = memoryOf(pid);
      const memory: [number, number | null][] = [];
      const heartbeats: [number, number][] = [];
      let there = 0;
      for (const size of sizes) {
        stage.tell(`${size} sockets`);
        await fleet.connect({ port, tokens: tokens.slice(there, size), together: inCommunity });
        const come = communities.slice(there / inCommunity, size / inCommunity);
        const all = come.flatMap(({ id, members, threads: own }) =>
          Array.from({ length: members.to - members.from }, (_, i) => ({ member: members.from + i, id, own })),
        );
        await fleet.join(
          'join_community',
          all.map(({ member, id }) => [member, id]),
        );
        for (let i = 0; i < threads; i++) {
          await fleet.join(
            'join_thread',
            all.map(({ member, own }) => [member, own[i]!]),
          );
        }
        there = size;
        await untilCalm(pids, 20_000, 0.1);
        const window = new CpuWindow(pids);
        await new Promise((resolve) => setTimeout(resolve, idle));
        const used = window.read();
        const after = memoryOf(pid);
        memory.push([size, before && after ? (after.rss - before.rss) / size / 1024 : null]);
        heartbeats.push([size, (1e6 * used.cpu) / used.wall / size]);
      }
      const { violations } = await fleet.findings();
      const common = { id: 14, of: 'connections', violations, notes: stage.noises };
      const each: Series = { ...common, cost: 'memory each', unit: 'KB', points: memory };
      const cpu: Series = { ...common, cost: 'CPU of an idle one', unit: 'µs/s', points: heartbeats };
      plotSeries(stage, '14: memory of an idle connection', [each], { label: 'KB' });
      plotSeries(stage, '14: CPU of an idle connection, heartbeats among it', [cpu], { label: 'µs a second' });
      return [...seriesRows(each), flatRow(each, sizes[0]!), ...seriesRows(cpu), flatRow(cpu, sizes[0]!)];
    });
  },
};
