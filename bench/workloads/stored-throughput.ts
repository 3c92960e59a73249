import { rawInserts } from '../servers/raw-inserts.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { Talk } from './talk.js';

/** Batches under way at once: as many as a node of ours has. */
const rawAtOnce = 2;

/** 2: acknowledged after the commit, as fast as it goes. */
export const storedThroughput: Workload = {
  id: 2,
  name: 'stored and acknowledged',
  steps: 5,
  needs: { files: 5_000 },
  mostMinutes: 6,
  async run(stage: Stage): Promise<Row[]> {
    const size = stage.pick({ threads: 200, membersOfThread: 20, publishers: 256 }, { threads: 20, membersOfThread: 5, publishers: 32 });
    const seconds = stage.pick(12, 2);
    const talk = new Talk(size);

    const play = async (ground: Parameters<Talk['enter']>[0], fleet: Parameters<Talk['enter']>[1]): Promise<Take> => {
      await talk.enter(ground, fleet);
      await talk.closedLoop(fleet, seconds / 4);
      await fleet.reset();
      const perSecond = await talk.closedLoop(fleet, seconds);
      const findings = await fleet.findings({ refusals: true });
      const refused = findings.refused > 0 ? [`${findings.refused} sends were refused and repeated`] : [];
      return { figures: { perSecond }, violations: findings.violations, notes: refused };
    };
    const raw = async (label: string): Promise<Take> => {
      stage.step(label);
      await stage.untilQuiet();
      const order = { seconds: seconds / 2, atOnce: rawAtOnce };
      const bare = await rawInserts(stage.services, { ...order, indexes: false });
      return { figures: { bare, indexed: await rawInserts(stage.services, { ...order, indexes: true }) }, violations: [] };
    };
    const socketIo = (label: string): Promise<Take> => {
      stage.step(label);
      return stage.onPeer({ adapter: 'none', store: 'insertOne' }, talk.scene, play);
    };

    const rawFirst = await raw('raw insertMany');
    const first = await socketIo('Socket.IO with insertOne');
    stage.step('Parley');
    const ours = await stage.onParley(talk.scene, play);
    const again = await socketIo('Socket.IO with insertOne again');
    const rawAgain = await raw('raw insertMany again');

    const row = (peer: string, key: string, peers: readonly Take[], atLeast: number, ...notes: string[]): Row => {
      const comparison = new Comparison(
        peers.map((take) => ({ ...take, figures: { perSecond: take.figures[key] ?? null } })),
        ours,
      );
      const { figure, peer: theirs, spread } = comparison.of('perSecond');
      return rowOf({
        id: 2,
        name: `${size.threads} threads of ${size.membersOfThread}, ${size.publishers} publishers, against ${peer}`,
        unit: 'messages/s',
        figure,
        peer: theirs,
        goal: { atLeast },
        violations: comparison.violations,
        notes: [...notes, ...comparison.notes, spread, ...stage.noises],
      });
    };
    const alone = `the driver alone, ${rawAtOnce} batches under way, the same documents; Parley also makes ${size.membersOfThread} deliveries a message`;
    return [
      row('raw insertMany(500)', 'bare', [rawFirst, rawAgain], 0.5, `${alone}; no index but that of the id`),
      row('raw insertMany(500) under our indexes', 'indexed', [rawFirst, rawAgain], 0.5, alone),
      row('Socket.IO with insertOne', 'perSecond', [first, again], 3),
    ];
  },
};
