import type { LocalTake } from '../actors/local-take.js';
import type { NodeOrder } from '../actors/node-process.js';
import type { Pace } from '../actors/pace.js';
import { lanes } from '../actors/receiver.js';
import type { StreamOrder } from '../actors/stream-process.js';
import { pin } from '../measure/cores.js';
import { Child } from '../processes/child.js';
import type { BenchServices } from '../servers/bench-services.js';
import { Comparison, type Take } from '../suite/comparison.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';

const programs = {
  mailbox: new URL('../actors/mailbox-process.ts', import.meta.url),
  runtime: new URL('../actors/runtime-process.ts', import.meta.url),
  node: new URL('../actors/node-process.ts', import.meta.url),
  stream: new URL('../actors/stream-process.ts', import.meta.url),
};

/** 5: tells and asks inside a process and between two, with actors that do nothing but answer. */
export const actors: Workload = {
  id: 5,
  name: 'tells and asks of actors',
  steps: 6,
  needs: {},
  mostMinutes: 4,
  async run(stage: Stage): Promise<Row[]> {
    const seconds = stage.pick(8, 1);
    const take = (label: string, played: () => Promise<Take>) => async (): Promise<Take> => {
      stage.step(label);
      await stage.untilQuiet();
      return played();
    };
    const again = (label: string, played: () => Promise<Take>): (() => Promise<Take>) => {
      let takes = 0;
      return () => take(takes++ === 0 ? label : `${label} again`, played)();
    };

    const local = await Comparison.run(
      again('bare mailboxes', () => inOneProcess(programs.mailbox, 'bare mailboxes', seconds)),
      take('Parley', () => inOneProcess(programs.runtime, 'actors', seconds)),
    );
    const remote = await Comparison.run(
      again('an XADD a message', () => betweenStreams(stage.services, seconds)),
      take('Parley, two nodes', () => betweenNodes(stage.services, seconds)),
    );

    const row = (comparison: Comparison, key: string, name: string, atLeast: number, ...notes: string[]): Row => {
      const { figure, peer, spread } = comparison.of(key);
      return rowOf({
        id: 5,
        name,
        unit: `${key}/s`,
        figure,
        peer,
        goal: { atLeast },
        violations: comparison.violations,
        notes: [...notes, ...comparison.notes, spread, ...stage.noises],
      });
    };
    const bare = `${lanes} actors; peer: ${lanes} arrays with a handler each, without names, bounds or deadlines`;
    const streams = `${lanes} under way between two processes; peer: XADD and blocking XREAD each way`;
    return [
      row(local, 'tells', 'tells inside a process', 0.5, bare),
      row(local, 'asks', `asks inside a process, ${lanes} under way`, 0.5, bare),
      row(remote, 'remote asks', 'asks between two nodes', 4, streams),
    ];
  },
};

const inOneProcess = async (program: URL, name: string, seconds: number): Promise<Take> => {
  const child = Child.start(program, name);
  try {
    await pin(child.pid, 'server');
    const { tells, asks, faults } = await child.call<LocalTake>('take', seconds);
    return { figures: { tells, asks }, violations: faults > 0 ? [`${faults} messages lost, doubled or out of order`] : [] };
  } finally {
    await child.end();
  }
};

/** Asks of the first are answered by the second; no receiver saw a fault, and each note was received as often as it was answered. */
const between = async (program: URL, name: string, play: (asking: Child, answering: Child) => Promise<Pace>): Promise<Take> => {
  const [asking, answering] = [Child.start(program, `${name} 1`), Child.start(program, `${name} 2`)];
  try {
    const { perSecond, wrong } = await play(asking, answering);
    const sides = await Promise.all([asking, answering].map((child) => child.call<{ faults: number }>('found')));
    const faults = sides.reduce((sum, side) => sum + side.faults, wrong);
    return { figures: { 'remote asks': perSecond }, violations: faults > 0 ? [`${faults} asks lost, doubled or answered wrongly`] : [] };
  } finally {
    await Promise.all([asking.end(), answering.end()]);
  }
};

const betweenNodes = (services: BenchServices, seconds: number): Promise<Take> =>
  between(programs.node, 'node', async (asking, answering) => {
    const common = { redisUrl: services.redisUrl, prefix: services.freshName() };
    await asking.call('start', { ...common, nodeId: 'asking' } satisfies NodeOrder);
    const instance = await answering.call<string>('start', { ...common, nodeId: 'answering' } satisfies NodeOrder);
    return asking.call<Pace>('ask', { instance, seconds });
  });

const betweenStreams = (services: BenchServices, seconds: number): Promise<Take> =>
  between(programs.stream, 'stream', async (asking, answering) => {
    const [requests, answers] = [`${services.freshName()}:requests`, `${services.freshName()}:answers`];
    const { redisUrl } = services;
    await asking.call('start', { redisUrl, inbox: answers, outbox: requests } satisfies StreamOrder);
    await answering.call('start', { redisUrl, inbox: requests, outbox: answers } satisfies StreamOrder);
    return asking.call<Pace>('ask', { seconds });
  });
