import { CpuWindow } from '../measure/cpu-window.js';
import { untilCalm } from '../measure/process-usage.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { Talk } from '../workloads/talk.js';
import { flatRow, plotSeries, type Series, seriesRows } from './series.js';

/** 13: the same talk on one node, and on more: what their understanding each other costs. */
export const nodeCounts: Workload = {
  id: 13,
  name: 'nodes',
  steps: 4,
  needs: { files: 5_000 },
  mostMinutes: 10,
  async run(stage: Stage): Promise<Row[]> {
    const counts = [1, 2, 3, 4];
    const size = stage.pick({ threads: 100, membersOfThread: 20, publishers: 100 }, { threads: 10, membersOfThread: 5, publishers: 10 });
    const perSecond = stage.pick(200, 20);
    const seconds = stage.pick(12, 2);
    const violations: string[] = [];
    const points: [number, number][] = [];
    for (const nodes of counts) {
      stage.step(`${nodes} nodes`);
      const talk = new Talk(size);
      await stage.onParley(
        talk.scene,
        async (ground, fleet) => {
          await talk.enter(ground, fleet, ground.ports);
          await talk.openLoop(fleet, perSecond, seconds / 3);
          await untilCalm(ground.pids, 10_000, 0.05 * nodes);
          await fleet.reset();
          const window = new CpuWindow(ground.pids);
          await talk.openLoop(fleet, perSecond, seconds);
          const used = window.read();
          const findings = await fleet.findings();
          violations.push(...findings.violations);
          points.push([nodes, (1e6 * used.cpu) / findings.acknowledged]);
        },
        2,
        nodes,
      );
    }
    const cost: Series = {
      ...{ id: 13, of: 'nodes', cost: 'CPU of all nodes a message', unit: 'µs', points, violations },
      notes: [`${perSecond} messages/s in ${size.threads} threads, ${size.membersOfThread} deliveries each; members spread over the nodes`],
    };
    plotSeries(stage, '13: CPU of all nodes a message', [cost], { label: 'µs' });
    const why = 'from two nodes on, a message crosses to its owner and back, and is published to each node with a member';
    return [...seriesRows(cost), flatRow(cost, 2, why)];
  },
};
