import type { Fleet } from '../load/fleet.js';
import { CpuWindow } from '../measure/cpu-window.js';
import type { Ground } from '../servers/ground.js';
import type { PeerOptions } from '../servers/peer-options.js';
import { oneCommunity } from '../servers/scene.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';

const nodes = 2;
const rooms = 10;
/** Each listens to every room. */
const members = 20;
/** So few sockets hear everything that one process is enough for them. */
const receivers = 1;
/**
 * Seconds that are sent without a look at what has arrived: a peer acknowledges before it has carried anything, and what is behind by
 * more than Redis keeps for a subscriber, or a stream for its readers, is lost.
 */
const roundSeconds = 0.5;

/** 4: senders at one node, listeners at another; what the pair carries as fast as it goes. */
export const crossNode: Workload = {
  id: 4,
  name: 'from node to node',
  steps: 5,
  needs: { files: 2_000 },
  mostMinutes: 6,
  async run(stage: Stage): Promise<Row[]> {
    const senders = stage.pick(200, 40);
    const rounds = stage.pick(20, 3);
    const warmUpRounds = stage.pick(6, 1);
    const scene = oneCommunity(members + senders, rooms);

    const play = async ({ ports, pids, tokens, scene: { places } }: Ground, fleet: Fleet): Promise<Take> => {
      const threads = places[0]!.threads;
      await fleet.connect({ port: ports[1]!, tokens: tokens.slice(0, members) });
      await fleet.join(
        'join_thread',
        threads.flatMap((thread) => Array.from({ length: members }, (_, i): [number, string] => [i, thread])),
      );
      await fleet.connectSenders(ports[0]!, tokens.slice(members));
      const publishers = Array.from({ length: senders }, (_, i): [number, string] => [i, threads[i % rooms]!]);
      const send = async (times: number): Promise<void> => {
        for (let round = 0; round < times; round++) {
          await fleet.closedLoop({ publishers, seconds: roundSeconds });
          await fleet.settled();
        }
      };
      await send(warmUpRounds);
      await fleet.reset();
      const window = new CpuWindow(pids);
      await send(rounds);
      const { cpu, wall } = window.read();
      const { delivered, refused, violations } = await fleet.findings({ refusals: true });
      return {
        figures: { perSecond: delivered / members / wall, perCpuSecond: delivered / cpu },
        violations,
        notes: refused > 0 ? [`${refused} sends were refused and repeated`] : [],
      };
    };
    const peer = (adapter: PeerOptions['adapter'], label: string): Promise<Take> => {
      stage.step(label);
      return stage.onPeer({ adapter, store: 'none' }, scene, play, receivers, nodes);
    };

    const sharded = await peer('sharded', 'Socket.IO, sharded adapter');
    const streams = await peer('streams', 'Socket.IO, streams adapter');
    stage.step('Parley');
    const ours = await stage.onParley(scene, play, receivers, nodes);
    const against = {
      sharded: new Comparison([sharded, await peer('sharded', 'Socket.IO, sharded adapter again')], ours),
      streams: new Comparison([streams, await peer('streams', 'Socket.IO, streams adapter again')], ours),
    };

    const row = (name: keyof typeof against, key: 'perSecond' | 'perCpuSecond', atLeast?: number): Row => {
      const comparison = against[name];
      const { figure, peer: theirs, spread } = comparison.of(key);
      const perCpu = key === 'perCpuSecond';
      return rowOf({
        id: 4,
        name: `${senders} senders on one node, ${members} members of ${rooms} rooms on another, against the ${name} adapter`,
        unit: perCpu ? 'deliveries/CPU s' : 'messages/s',
        figure,
        peer: theirs,
        ...(atLeast !== undefined && { goal: { atLeast } }),
        violations: comparison.violations,
        notes: [perCpu ? judged : whole, ...comparison.notes, spread, ...stage.noises],
      });
    };
    return [row('sharded', 'perCpuSecond', 2), row('sharded', 'perSecond'), row('streams', 'perCpuSecond', 4), row('streams', 'perSecond')];
  },
};

const judged =
  'of both server processes together, which is judged: nodes, load and databases have not a core each; Parley stores each message, the peer nothing';
const whole = 'to the last delivery of each round, everything on one machine';
