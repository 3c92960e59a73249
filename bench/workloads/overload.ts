import { Fleet } from '../load/fleet.js';
import { MemoryLevel } from '../measure/memory-level.js';
import { bareJobs } from '../servers/bare-jobs.js';
import type { Ground } from '../servers/ground.js';
import { untilIndexed } from '../servers/indexed.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { Talk } from './talk.js';

const overload = 1.5;
/** Of so many readers one reads nothing. */
const stalledOneOf = 20;
const mostJobs = 20_000;
/** Of bare BullMQ, which gets more done with some at once. */
const jobsAtOnce = 16;
/** The part of the load's time in which it is looked at beside the load. */
const jobsShare = 0.2;

/** 10: half as much again as the peer can take, with readers who read nothing, and the jobs behind it all. */
export const overloaded: Workload = {
  id: 10,
  name: 'overload',
  steps: 6,
  needs: { files: 5_000 },
  mostMinutes: 24,
  async run(stage: Stage): Promise<Row[]> {
    const size = stage.pick({ threads: 200, membersOfThread: 20, publishers: 256 }, { threads: 20, membersOfThread: 5, publishers: 32 });
    const seconds = stage.pick(300, 5);
    /** It breaks down within seconds; a shorter time flatters it. */
    const secondsOfPeer = stage.pick(120, 5);
    const probeSeconds = stage.pick(8, 2);
    const indexMs = stage.pick(60_000, 10_000);
    const talk = new Talk(size);
    let rate = 0;

    const enter = async (ground: Ground, fleet: Fleet): Promise<void> => {
      await talk.enter(ground, fleet);
      const stalled = ground.tokens.map((_, i) => i).filter((i) => i % stalledOneOf === stalledOneOf - 1);
      await fleet.stall(stalled);
      await fleet.reset();
    };
    /** The offered load for its time; what is on its way after it is not waited for. */
    const offer = async (ground: Ground, fleet: Fleet, time: number) => {
      const memory = new MemoryLevel(ground.pids[0]!, time);
      const begin = performance.now();
      const offered = talk.openLoop(fleet, rate, time);
      try {
        await Promise.race([offered, new Promise((resolve) => setTimeout(resolve, time * 1000))]);
        const perSecond = (await fleet.timely()) / ((performance.now() - begin) / 1000);
        const { second, last } = memory.stop();
        const level = second === null || last === null ? null : last / second;
        return { offered, figures: { goodput: perSecond, level, last } };
      } finally {
        memory.stop();
      }
    };
    const onPeer = (label: string): Promise<Take> => {
      stage.step(label);
      return stage.onPeer({ adapter: 'none', store: 'insertOne' }, talk.scene, async (ground, fleet) => {
        await enter(ground, fleet);
        if (rate === 0) {
          stage.tell('how much it can take');
          rate = Math.round((await talk.closedLoop(fleet, probeSeconds)) * overload);
          await fleet.reset();
        }
        stage.tell(`${rate} messages/s`);
        const { offered, figures } = await offer(ground, fleet, secondsOfPeer);
        // Ended with its servers: a backlog of minutes is not waited for.
        offered.catch(() => undefined);
        return { figures, violations: [] };
      });
    };
    /** What bare BullMQ gets done beside the same server under the same load: messages a second. */
    const jobsBeside = (): Promise<number> => {
      stage.step('Socket.IO with insertOne, and bare BullMQ beside it');
      return stage.onPeer({ adapter: 'none', store: 'insertOne' }, talk.scene, async (ground, fleet) => {
        await enter(ground, fleet);
        const pace = { perSecond: rate, seconds: seconds * jobsShare };
        talk.openLoop(fleet, rate, pace.seconds).catch(() => undefined);
        return bareJobs(stage.services, { jobs: Math.round(rate * pace.seconds), pace, atOnce: jobsAtOnce });
      });
    };
    const onParley = async (): Promise<Take> => {
      stage.step('Parley');
      await stage.untilQuiet();
      let database = '';
      const { startParley } = await import('../servers/parley.js');
      const freshName = (): string => {
        database = stage.services.freshName();
        return database;
      };
      const ground = await startParley({ ...stage.services, freshName }, talk.scene);
      let fleet: Fleet | undefined;
      try {
        fleet = await Fleet.start(2);
        await enter(ground, fleet);
        stage.tell(`${rate} messages/s`);
        const { offered, figures } = await offer(ground, fleet, seconds);
        const during = await untilIndexed(stage.services, database, 0, 0);
        await offered;
        const { acknowledged, refused, violations } = await fleet.findings({ refusals: true });
        stage.tell('waiting for the search index');
        const indexed = await untilIndexed(stage.services, database, acknowledged, indexMs);
        const notes = [
          `${acknowledged} messages acknowledged, ${refused} refused, ${during} indexed meanwhile, ${indexed} in the end`,
          ...(figures.last === null ? [] : [`${Math.round(figures.last)} MB at the end`]),
        ];
        return { figures: { ...figures, during, jobs: during / seconds }, violations, notes };
      } finally {
        await fleet?.end();
        await ground.end();
      }
    };

    const comparison = await Comparison.run(
      () => onPeer(rate === 0 ? 'Socket.IO with insertOne' : 'Socket.IO with insertOne again'),
      onParley,
    );
    const beside = await jobsBeside();
    stage.step('bare BullMQ');
    const jobs = Math.max(1, Math.min(mostJobs, comparison.of('during').figure ?? 0));
    const alone = await bareJobs(stage.services, { jobs, atOnce: jobsAtOnce });

    const { violations } = comparison;
    const offeredNote = `${rate} messages/s offered, ${overload} times what the peer can; 1 of ${stalledOneOf} readers reads nothing; the peer for ${secondsOfPeer} s`;
    const goodput = comparison.of('goodput');
    const level = comparison.of('level');
    return [
      rowOf({
        id: 10,
        name: `deliveries within 2 s, ${seconds} s of overload`,
        unit: 'deliveries/s',
        figure: goodput.figure,
        peer: goodput.peer,
        goal: { atLeast: 1.5 },
        violations,
        notes: [offeredNote, ...comparison.notes, goodput.spread, ...stage.noises],
      }),
      rowOf({
        id: 10,
        name: 'memory in the last fifth of it, of that in the second',
        unit: 'times',
        figure: level.figure,
        peer: level.peer,
        goal: { atMost: 1.1, of: 'figure' },
        violations,
      }),
      rowOf({
        id: 10,
        name: 'search indexing meanwhile',
        unit: 'messages/s',
        figure: comparison.of('jobs').figure,
        peer: beside,
        goal: { atLeast: 0.8 },
        violations,
        notes: [
          `the peer is bare BullMQ in a process of its own, beside Socket.IO under the same load: a job a message, ${jobsAtOnce} at once`,
        ],
      }),
      rowOf({
        id: 10,
        name: 'search indexing meanwhile, against bare BullMQ with nothing beside it',
        unit: 'messages/s',
        figure: comparison.of('jobs').figure,
        peer: alone,
        violations,
        notes: [`${jobs} jobs of a message each`],
      }),
    ];
  },
};
