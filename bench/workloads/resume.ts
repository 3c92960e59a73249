import { nowUs } from '../load/content.js';
import { ReturningFleet } from '../load/returning-fleet.js';
import type { Ground } from '../servers/ground.js';
import { startRecoveryPeer } from '../servers/recovery-peer.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { Talk } from './talk.js';

const jitterMs = 2_000;
const wave = 24;
/** The talk goes on before the node dies. */
const leadMs = 1_000;
const mostBackMs = 60_000;

/** 9: a node dies, and everybody on it comes back to another and misses nothing. */
export const resume: Workload = {
  id: 9,
  name: 'a dead node',
  steps: 6,
  needs: { files: 10_000 },
  mostMinutes: 12,
  async run(stage: Stage): Promise<Row[]> {
    const size = stage.pick({ threads: 450, membersOfThread: 20, publishers: 450 }, { threads: 10, membersOfThread: 10, publishers: 10 });
    const count = size.threads * size.membersOfThread;
    const perSecond = stage.pick(50, 20);
    const seconds = stage.pick(20, 8);
    const talk = new Talk(size);
    const { threads } = talk;

    const play = async (ground: Ground, by: 'rev' | 'offset', die: () => Promise<void> | void): Promise<Take> => {
      const [first, then] = ground.ports as [number, number];
      const fleet = await ReturningFleet.start(2);
      try {
        const members = ground.tokens.map((token, i) => ({ token, thread: threads[Math.floor(i / size.membersOfThread)]! }));
        stage.tell(`${count} members come in`);
        await fleet.enter({ ports: { first, then }, members, by, jitterMs, wave }, size.membersOfThread);
        await fleet.connectSenders(
          then,
          threads.map((_, i) => ground.tokens[i * size.membersOfThread]!),
        );
        const lines = threads.map((thread, i) => ({ thread, senders: [i] }));
        const talkFor = (ticksPerSecond: number, time: number): Promise<void> =>
          fleet.openLoop({ lines, ticksPerSecond, seconds: time, burst: 1, asOne: false });
        // Everybody has heard something, and so has an offset.
        const each = Math.max(1, threads.length / 100);
        await talkFor(threads.length / each, each);
        const talked = talkFor(perSecond, seconds);
        await new Promise((resolve) => setTimeout(resolve, leadMs));
        stage.tell('the node dies');
        const begin = nowUs();
        await die();
        const { all, back, recovered, lastBackUs } = await fleet.untilBack(mostBackMs);
        stage.tell('waiting for the end of the talk');
        await talked;
        const sent = await fleet.sent();
        const { lost, duplicates, reordered } = await fleet.lost(sent.acknowledgedIn);
        const refused = Object.values(sent.refused).reduce((sum, value) => sum + value, 0);
        const violations = [
          ...(all ? [] : [`${count - back} of ${count} did not come back`]),
          ...(duplicates > 0 ? [`${duplicates} duplicates`] : []),
          ...(reordered > 0 ? [`${reordered} reorderings`] : []),
          ...(sent.lost > 0 ? [`${sent.lost} senders lost their connection`] : []),
        ];
        const notes = [
          by === 'offset' ? `the peer took up ${recovered} of ${count} connections` : '',
          refused + sent.unanswered > 0
            ? `${refused} sends refused and ${sent.unanswered} unanswered (${by === 'rev' ? 'Parley' : 'the peer'})`
            : '',
        ];
        return { figures: { seconds: all ? (lastBackUs - begin) / 1e6 : null, lost }, violations, notes };
      } finally {
        await fleet.end();
      }
    };
    const onPeer = async (label: string, inOrder: boolean): Promise<Take> => {
      stage.step(label);
      await stage.untilQuiet();
      const peer = await startRecoveryPeer(stage.services, talk.scene);
      try {
        return await play(peer, 'offset', inOrder ? () => peer.leave() : () => kill(peer));
      } finally {
        await peer.end();
      }
    };
    const onParley = async (): Promise<Take> => {
      stage.step('Parley');
      await stage.untilQuiet();
      const { startParley } = await import('../servers/parley.js');
      const ground = await startParley(stage.services, talk.scene, 2);
      try {
        return await play(ground, 'rev', () => kill(ground));
      } finally {
        await ground.end();
      }
    };

    const ours: Take[] = [];
    const killed = await Comparison.run(
      () => onPeer('Socket.IO with recovery', false),
      async () => {
        const take = await onParley();
        ours.push(take);
        return take;
      },
      2,
    );
    const ended = new Comparison([await onPeer('Socket.IO with recovery, ended in order', true)], ...ours);
    const row = (
      key: 'seconds' | 'lost',
      name: string,
      comparison: Comparison,
      rest: Pick<Parameters<typeof rowOf>[0], 'unit' | 'goal'>,
    ) => {
      const { figure, peer, spread } = comparison.of(key);
      const { violations } = comparison;
      return rowOf({ id: 9, name, ...rest, figure, peer, violations, notes: [...comparison.notes, spread, ...stage.noises] });
    };
    const level = `${count} back on another node and level`;
    return [
      row('seconds', `${level}, after kill -9`, killed, { unit: 's', goal: { atMost: 1 } }),
      row('seconds', `${level}; the peer's node ended in order, ours by kill -9`, ended, { unit: 's' }),
      row('lost', 'deliveries lost by it', killed, { unit: 'messages', goal: { atMost: 0, of: 'figure' } }),
    ];
  },
};

const kill = ({ pids }: Ground): void => {
  process.kill(pids[0]!, 'SIGKILL');
};
