import type { Fleet } from '../load/fleet.js';
import { CpuWindow } from '../measure/cpu-window.js';
import { untilCalm } from '../measure/process-usage.js';
import type { Ground } from '../servers/ground.js';
import { oneCommunity } from '../servers/scene.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';

/** Messages a second: one in large rooms; more in small ones, whose CPU time could not be seen otherwise. */
const rateOf = (members: number): number => (members >= 5_000 ? 1 : members >= 1_000 ? 5 : members >= 100 ? 20 : 50);
/** The small room beside the large one. */
const small = { members: 10, rate: 50 };
const authors = 10;
const probe = 'small room';

/** 8: what a member of a room costs, whatever the room's size, and what a large room does to a small one beside it. */
export const roomSizes: Workload = {
  id: 8,
  name: 'rooms of 1 to 15,000',
  steps: 3,
  needs: { files: 16_000 },
  mostMinutes: 12,
  async run(stage: Stage): Promise<Row[]> {
    const sizes = stage.pick([1, 10, 100, 1_000, 5_000, 15_000], [1, 10, 100, 300]);
    const loud = stage.pick(5_000, 300);
    const seconds = stage.pick(6, 2);
    // So long that a collection of the heap, which holds up everybody, is a part of it as it is of every minute.
    const beside = stage.pick(40, 3);
    const calmMs = stage.pick(10_000, 1_000);
    const members = sizes.at(-1)!;
    const scene = oneCommunity(members + authors + small.members, sizes.length + 1);

    const play = async (ground: Ground, fleet: Fleet): Promise<Take> => {
      const { port, tokens, pids } = ground;
      const rooms = ground.scene.places[0]!.threads;
      const figures: Record<string, number> = {};
      const violations: string[] = [];
      await fleet.connectSenders(port, tokens.slice(members, members + authors));
      const besideLarge = async (large: string): Promise<void> => {
        stage.tell('a small room beside a large one');
        await fleet.connectProbes(port, tokens.slice(members + authors), rooms.at(-1)!, probe);
        await fleet.reset();
        await Promise.all([
          fleet.openLoop({ thread: large, ticksPerSecond: 1, seconds: beside }),
          fleet.openLoop({ thread: rooms.at(-1)!, ticksPerSecond: small.rate, seconds: beside }),
        ]);
        await fleet.settled();
        const findings = await fleet.findings();
        violations.push(...findings.violations);
        figures.p99 = findings.each(probe).percentile(99) ?? Number.NaN;
        figures.p50 = findings.each(probe).percentile(50) ?? Number.NaN;
      };
      for (const [at, size] of sizes.entries()) {
        stage.tell(`a room of ${size}`);
        await fleet.connect({ port, tokens: tokens.slice(sizes[at - 1] ?? 0, size) });
        await fleet.join(
          'join_thread',
          Array.from({ length: size }, (_, i) => [i, rooms[at]!]),
          `room of ${size}`,
        );
        await untilCalm(pids, calmMs, 0.02 + size * 1e-5);
        await fleet.reset();
        const before = await restOf(pids, seconds / 3);
        const window = new CpuWindow(pids);
        await fleet.openLoop({ thread: rooms[at]!, ticksPerSecond: rateOf(size), seconds });
        await fleet.settled();
        const used = window.read();
        const after = await restOf(pids, seconds / 3);
        const findings = await fleet.findings();
        violations.push(...findings.violations);
        // Without what heartbeats and timers take anyway.
        figures[costOf(size)] = (1e6 * (used.cpu - ((before + after) / 2) * used.wall)) / findings.delivered;
        if (size === loud) await besideLarge(rooms[at]!);
      }
      const [mid, last] = [sizes.at(-3)!, sizes.at(-1)!];
      figures.flat = figures[costOf(last)]! / figures[costOf(mid)]!;
      return { figures, violations };
    };
    let takes = 0;
    const comparison = await Comparison.run(
      () => {
        stage.step(takes++ === 0 ? 'Socket.IO' : 'Socket.IO again');
        return stage.onPeer({ adapter: 'none', store: 'none' }, scene, play);
      },
      () => {
        stage.step('Parley');
        return stage.onParley(scene, play);
      },
    );

    const costs = sizes.map((size) => ({ size, ...comparison.of(costOf(size)) }));
    stage.chart({
      title: '8: CPU a member and message',
      x: { label: 'members of the room', log: true },
      y: { label: 'µs', log: true },
      lines: [
        { name: 'Parley', points: costs.flatMap(({ size, figure }) => (figure === null ? [] : [[size, figure] as const])) },
        { name: 'Socket.IO', points: costs.flatMap(({ size, peer }) => (peer === null ? [] : [[size, peer] as const])) },
      ],
    });
    const { violations } = comparison;
    const notes = [...comparison.notes, ...stage.noises];
    const stored = 'Parley stores each message, the peer nothing: in small rooms the figure is that of storing';
    const flat = comparison.of('flat');
    const p99 = comparison.of('p99');
    const p50 = comparison.of('p50');
    const beneath = `a room of ${small.members} at ${small.rate} messages/s beside one of ${loud} at 1/s`;
    return [
      ...costs.map(({ size, figure, peer, spread }) =>
        rowOf({
          id: 8,
          name: `a room of ${size}: CPU a member and message`,
          unit: 'µs',
          ...{ figure, peer, violations },
          notes: [`${rateOf(size)} messages/s`, size <= 100 ? stored : '', spread],
        }),
      ),
      rowOf({
        id: 8,
        name: `CPU a member at ${sizes.at(-1)} members over that at ${sizes.at(-3)}`,
        unit: 'times',
        ...{ figure: flat.figure, peer: flat.peer, violations, notes },
        goal: { atMost: 1.5, of: 'figure' },
      }),
      rowOf({
        id: 8,
        name: 'a small room beside a large one, p50',
        unit: 'ms',
        ...{ figure: p50.figure, peer: p50.peer, violations },
        notes: [beneath],
      }),
      rowOf({
        id: 8,
        name: 'a small room beside a large one, p99',
        unit: 'ms',
        ...{ figure: p99.figure, peer: p99.peer, violations, notes: [beneath, ...notes, p99.spread] },
        goal: { atMost: 0.25 },
      }),
    ];
  },
};

/** CPU seconds a second that processes take while nobody says anything. */
const restOf = async (pids: readonly number[], seconds: number): Promise<number> => {
  const window = new CpuWindow(pids);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const { cpu, wall } = window.read();
  return cpu / wall;
};

const costOf = (size: number): string => `cost of ${size}`;
