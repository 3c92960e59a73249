import type { Fleet } from '../load/fleet.js';
import { CpuWindow } from '../measure/cpu-window.js';
import { bunVersion, startBunPeer } from '../servers/bun-peer.js';
import type { Ground } from '../servers/ground.js';
import { oneCommunity } from '../servers/scene.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { prosodyRow } from './prosody-row.js';

const authors = 10;
/** Ticks a second, so that either side has time to spare: only CPU seconds count. */
const rate = { one: 20, ten: 3 };

interface Phase {
  /** Messages a tick. */
  burst: number;
  /** One request for all of a tick: a peer that does nothing but emit. */
  asOne: boolean;
}

/** 1: a room of many; how many deliveries a CPU second of the server is worth. */
export const fanOut: Workload = {
  id: 1,
  name: 'fan-out in one room',
  steps: 5,
  needs: { files: 2_000 },
  mostMinutes: 6,
  async run(stage: Stage): Promise<Row[]> {
    const members = stage.pick(1_000, 100);
    const seconds = stage.pick(10, 2);
    const scene = oneCommunity(members + authors, 1);

    const enter = async (ground: Ground, fleet: Fleet, pack: boolean): Promise<void> => {
      await fleet.connect({ port: ground.port, tokens: ground.tokens.slice(0, members), pack });
      const thread = ground.scene.places[0]!.threads[0]!;
      await fleet.join(
        'join_thread',
        Array.from({ length: members }, (_, i) => [i, thread]),
      );
      await fleet.connectSenders(ground.port, ground.tokens.slice(members));
    };
    const phase = async (ground: Ground, fleet: Fleet, { burst, asOne }: Phase) => {
      const order = { thread: ground.scene.places[0]!.threads[0]!, ticksPerSecond: burst === 1 ? rate.one : rate.ten, burst, asOne };
      await fleet.openLoop({ ...order, seconds: seconds / 5 });
      await fleet.settled();
      await fleet.reset();
      const window = new CpuWindow(ground.pids);
      await fleet.openLoop({ ...order, seconds });
      await fleet.settled();
      const { cpu } = window.read();
      const findings = await fleet.findings();
      return { perCpuSecond: findings.delivered / cpu, findings };
    };

    const peer = (label: string) => (): Promise<Take> => {
      stage.step(label);
      return stage.onPeer({ adapter: 'plain', store: 'none' }, scene, async (ground, fleet) => {
        await enter(ground, fleet, false);
        const one = await phase(ground, fleet, { burst: 1, asOne: false });
        const ten = await phase(ground, fleet, { burst: 10, asOne: true });
        return {
          figures: { one: one.perCpuSecond, ten: ten.perCpuSecond, packed: ten.perCpuSecond },
          violations: [...one.findings.violations, ...ten.findings.violations],
        };
      });
    };
    let next = 0;
    const peers = [peer('Socket.IO'), peer('Socket.IO again')];
    const found: Record<string, readonly string[]> = {};
    let offered = true;
    const comparison = await Comparison.run(
      () => peers[next++]!(),
      () => {
        stage.step('Parley');
        return stage.onParley(scene, async (ground, fleet) => {
          await enter(ground, fleet, false);
          const one = await phase(ground, fleet, { burst: 1, asOne: false });
          const ten = await phase(ground, fleet, { burst: 10, asOne: false });
          await fleet.disconnect();
          await enter(ground, fleet, true);
          const packed = await phase(ground, fleet, { burst: 10, asOne: false });
          offered = packed.findings.packed > 0;
          found.one = one.findings.violations;
          found.ten = ten.findings.violations;
          found.packed = packed.findings.violations;
          return { figures: { one: one.perCpuSecond, ten: ten.perCpuSecond, packed: packed.perCpuSecond }, violations: [] };
        });
      },
    );

    const row = (name: string, key: string, atLeast: number, ...notes: string[]): Row => {
      const { figure, peer: theirs, spread } = comparison.of(key);
      return rowOf({
        id: 1,
        name: `fan-out to ${members} sockets, ${name}`,
        unit: 'deliveries/CPU s',
        figure,
        peer: theirs,
        goal: { atLeast },
        violations: found[key] ?? [],
        notes: [...notes, ...comparison.notes, spread, ...stage.noises],
      });
    };
    const sides = 'Socket.IO with redis-adapter stores nothing, Parley stores each message';
    const version = await bunVersion();
    stage.step(version === null ? 'without bun' : `Bun ${version}`);
    const ceiling =
      version === null
        ? null
        : await stage.on(
            () => startBunPeer(scene),
            async (ground, fleet) => {
              await enter(ground, fleet, false);
              return phase(ground, fleet, { burst: 1, asOne: false });
            },
          );
    const { figure } = comparison.of('one');
    const bun = rowOf({
      id: 1,
      name: `fan-out to ${members} sockets, 1 message a tick, against Bun’s native publish`,
      unit: 'deliveries/CPU s',
      figure,
      peer: ceiling?.perCpuSecond ?? null,
      violations: found.one ?? [],
      notes: [
        version === null
          ? 'bun is not installed here: the ceiling was not measured'
          : `Bun ${version}, nothing stored, nobody checked: the ceiling`,
        ...(ceiling?.findings.violations ?? []),
      ],
    });
    const prosody = await prosodyRow(stage, { members, authors, seconds, figure, violations: found.one ?? [] });
    const offer = `${rate.ten} ticks/s; Parley: ${authors} authors send at once; peer: one request, 10 emits in a loop`;
    return [
      row('1 message a tick', 'one', 1, sides, `${rate.one} messages/s on both sides`),
      row('10 a tick, single events', 'ten', 1.5, offer),
      row('10 a tick, packed', 'packed', 4, offer, offered ? '' : 'this build packs nothing though it was asked to'),
      bun,
      prosody,
    ];
  },
};
