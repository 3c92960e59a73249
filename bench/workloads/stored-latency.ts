import type { Fleet } from '../load/fleet.js';
import type { Latencies } from '../load/latencies.js';
import type { Ground } from '../servers/ground.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { type Goal, rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { Talk } from './talk.js';

const percentiles = [50, 90, 99, 99.9] as const;
const keyOf = (percent: number): string => `p${percent}`;

/** 3: from the time at which a message should have been sent to its last delivery, at half of what the peer can. */
export const storedLatency: Workload = {
  id: 3,
  name: 'latency at half load',
  steps: 6,
  needs: { files: 5_000 },
  mostMinutes: 14,
  async run(stage: Stage): Promise<Row[]> {
    const size = stage.pick({ threads: 200, membersOfThread: 20, publishers: 256 }, { threads: 20, membersOfThread: 5, publishers: 32 });
    // Twice ours, each as long as a busy node goes between two collections of its heap, which are what the tail consists of.
    const seconds = stage.pick(60, 2);
    const probeSeconds = stage.pick(15, 1);
    const talk = new Talk(size);
    const peer = { adapter: 'none', store: 'insertMany' } as const;
    const curves: { name: string; latencies: Latencies }[] = [];
    let rate = 0;

    const measure = async (name: string, fleet: Fleet): Promise<Take> => {
      // Until the heap is what it will be under this load.
      await talk.openLoop(fleet, rate, probeSeconds);
      await fleet.reset();
      await talk.openLoop(fleet, rate, seconds);
      const findings = await fleet.findings();
      const latencies = findings.last();
      curves.push({ name, latencies });
      return {
        figures: Object.fromEntries(percentiles.map((percent) => [keyOf(percent), latencies.percentile(percent)])),
        violations: findings.violations,
      };
    };
    const onPeer = (label: string): Promise<Take> => {
      stage.step(label);
      return stage.onPeer(peer, talk.scene, async (ground: Ground, fleet: Fleet) => {
        await talk.enter(ground, fleet);
        if (rate === 0) {
          // What it can once it is warm: the load of everything that follows.
          await talk.closedLoop(fleet, probeSeconds / 3);
          await fleet.reset();
          rate = Math.max(10, Math.round((await talk.closedLoop(fleet, probeSeconds)) / 2));
          await fleet.reset();
          stage.step(`${label}, ${rate} messages/s`);
        }
        return measure('Socket.IO with insertMany', fleet);
      });
    };
    const comparison = await Comparison.run(
      () => onPeer('Socket.IO with insertMany'),
      () => {
        stage.step('Parley');
        return stage.onParley(talk.scene, async (ground, fleet) => {
          await talk.enter(ground, fleet);
          return measure('Parley', fleet);
        });
      },
      2,
    );

    stage.chart({
      title: `3: send to last delivery at ${rate} messages/s`,
      x: { label: '1 in so many takes longer', log: true },
      y: { label: 'ms', log: true },
      lines: curves.slice(0, 2).map(({ name, latencies }) => ({
        name,
        points: [2, 5, 10, 20, 50, 100, 200, 500, 1_000].map((one) => [one, latencies.percentile(100 - 100 / one) ?? 0] as const),
      })),
    });
    const row = (percent: number, goal?: Goal): Row => {
      const { figure, peer: theirs, spread } = comparison.of(keyOf(percent));
      return rowOf({
        id: 3,
        name: `send to last delivery, p${percent}`,
        unit: 'ms',
        figure,
        peer: theirs,
        ...(goal && { goal }),
        violations: comparison.violations,
        notes: [`${rate} messages/s, half of what the peer can`, ...comparison.notes, spread, ...stage.noises],
      });
    };
    return [row(50), row(99, { atMost: 1 }), row(99.9)];
  },
};
