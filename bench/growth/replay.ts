import { existsSync } from 'node:fs';
import type { ReplayOrder } from '../load/orders.js';
import { CpuWindow } from '../measure/cpu-window.js';
import { scene } from '../servers/scene.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { type ArchivedMessage, busiest, fullestStretch, readArchive } from './archive.js';

const communities = 3;
const speeds = [10, 100, 1_000];

/** 15: what people once said, said again faster, by as many members, with everyone in a community listening to all of its threads. */
export const replay: Workload = {
  id: 15,
  name: 'a real archive',
  steps: speeds.length,
  needs: { files: 5_000 },
  mostMinutes: 12,
  async run(stage: Stage): Promise<Row[]> {
    const { archive } = stage;
    if (archive === null || !existsSync(archive)) {
      return [
        rowOf({ id: 15, name: 'a real archive', unit: '', figure: null, peer: null, notes: ['not played: give one with --archive FILE'] }),
      ];
    }
    const seconds = stage.pick(60, 5);
    const all = (await readArchive(archive)).sort((a, b) => a.at - b.at);
    const names = busiest(all, communities);
    const chosen = all.filter(({ community }) => names.has(community));
    const rows: Row[] = [];
    for (const speed of speeds) {
      stage.step(`${speed} times its speed`);
      rows.push(...(await play(stage, fullestStretch(chosen, seconds * 1000 * speed), speed, seconds)));
    }
    return rows;
  },
};

const play = (stage: Stage, messages: readonly ArchivedMessage[], speed: number, seconds: number): Promise<Row[]> => {
  const people = distinct(messages.map(({ author }) => author));
  const places = distinct(messages.map(({ community }) => community)).map((name) => ({
    name,
    threads: distinct(messages.filter(({ community }) => community === name).map(({ thread }) => thread)),
  }));
  // Everybody is in every community: authors write in several.
  const stageOf = scene(
    people.length,
    places.map(({ threads }) => ({ from: 0, to: people.length, threads: threads.length })),
  );
  const idOf = new Map(
    places.flatMap(({ name, threads }, i) => threads.map((thread, at) => [`${name}\n${thread}`, stageOf.places[i]!.threads[at]!])),
  );
  const placeOf = new Map(people.map((name, i) => [name, i]));
  return stage.onParley(stageOf, async ({ port, pids, tokens }, fleet) => {
    await fleet.connect({ port, tokens });
    const threads = [...idOf.values()];
    await fleet.join(
      'join_thread',
      threads.flatMap((thread) => tokens.map((_, i): [number, string] => [i, thread])),
    );
    await fleet.connectSenders(port, tokens);
    await fleet.reset();
    const begin = messages[0]!.at;
    const order: ReplayOrder = {
      messages: messages.map(({ at, author, community, thread, content }) => ({
        afterUs: Math.round(((at - begin) * 1000) / speed),
        sender: placeOf.get(author)!,
        thread: idOf.get(`${community}\n${thread}`)!,
        content,
      })),
    };
    const window = new CpuWindow(pids);
    await fleet.replay(order);
    await fleet.settled();
    const { cpu, wall } = window.read();
    const findings = await fleet.findings();
    const { violations } = findings;
    const name = `${speed} times the speed`;
    const notes = [
      `the fullest ${Math.round((seconds * speed) / 6) / 10} minutes of the ${communities} busiest communities: ${messages.length} messages of ${people.length} people in ${threads.length} threads, ${findings.delivered} deliveries in ${wall.toFixed(0)} s`,
      ...stage.noises,
    ];
    const figure = (what: string, unit: string, value: number | null, more: string[] = []): Row =>
      rowOf({ id: 15, name: `${name}: ${what}`, unit, figure: value, peer: null, violations, notes: more });
    return [
      figure('send to each delivery, p50', 'ms', findings.each().percentile(50), notes),
      figure('send to each delivery, p99', 'ms', findings.each().percentile(99)),
      figure('CPU a delivery', 'µs', (1e6 * cpu) / Math.max(1, findings.delivered)),
    ];
  });
};

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];
