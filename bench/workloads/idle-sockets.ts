import type { Fleet } from '../load/fleet.js';
import { memoryOf, untilCalm } from '../measure/process-usage.js';
import type { Ground } from '../servers/ground.js';
import { scene } from '../servers/scene.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';

const inCommunity = 100;
const threads = 3;

/** 7: what an authenticated connection that says nothing keeps in memory. */
export const idleSockets: Workload = {
  id: 7,
  name: 'idle sockets',
  steps: 3,
  needs: { files: 10_000 },
  mostMinutes: 6,
  async run(stage: Stage): Promise<Row[]> {
    const count = stage.pick(9_000, 500);
    const places = Array.from({ length: Math.ceil(count / inCommunity) }, (_, i) => ({
      from: i * inCommunity,
      to: Math.min(count, (i + 1) * inCommunity),
      threads,
    }));
    const crowd = scene(count, places);
    const calmMs = stage.pick(20_000, 3_000);

    const play = async (ground: Ground, fleet: Fleet): Promise<Take> => {
      const [pid] = ground.pids as [number];
      await untilCalm([pid], calmMs);
      const before = memoryOf(pid);
      stage.tell(`${count} sockets come in`);
      await fleet.connect({ port: ground.port, tokens: ground.tokens, together: inCommunity });
      const everybody = ground.scene.places.flatMap(({ id, members, threads: own }) =>
        Array.from({ length: members.to - members.from }, (_, i) => ({ member: members.from + i, id, own })),
      );
      await fleet.join(
        'join_community',
        everybody.map(({ member, id }) => [member, id]),
      );
      for (let i = 0; i < threads; i++) {
        await fleet.join(
          'join_thread',
          everybody.map(({ member, own }) => [member, own[i]!]),
        );
      }
      stage.tell('waiting for calm');
      await untilCalm([pid], calmMs, 0.1);
      // What the connecting left behind is collected meanwhile.
      await new Promise((resolve) => setTimeout(resolve, calmMs / 2));
      const after = memoryOf(pid);
      const { violations } = await fleet.findings();
      const each = (of: 'rss' | 'pss'): number | null => (before && after ? (after[of] - before[of]) / count / 1024 : null);
      return { figures: { rss: each('rss'), pss: each('pss') }, violations };
    };
    const onPeer = (label: string): Promise<Take> => {
      stage.step(label);
      return stage.onPeer({ adapter: 'none', store: 'none' }, crowd, play);
    };
    let takes = 0;
    const comparison = await Comparison.run(
      () => onPeer(takes++ === 0 ? 'Socket.IO' : 'Socket.IO again'),
      () => {
        stage.step('Parley');
        return stage.onParley(crowd, play);
      },
    );
    const { figure, peer, spread } = comparison.of('rss');
    return [
      rowOf({
        id: 7,
        name: `${count} idle sockets, 1 community and ${threads} threads each`,
        unit: 'KB RSS each',
        figure,
        peer,
        goal: { atMost: 1.5 },
        violations: comparison.violations,
        notes: [
          `the growth of the process since before they came, with all that it keeps for them`,
          ...comparison.notes,
          spread,
          ...stage.noises,
        ],
      }),
    ];
  },
};
