import { join } from 'node:path';
import type { EnterOrder, Said, SayOrder } from '../load/occupants-process.js';
import { pin } from '../measure/cores.js';
import { CpuWindow } from '../measure/cpu-window.js';
import { Child } from '../processes/child.js';
import { prosodyVersion, startProsody } from '../servers/prosody.js';
import { rowOf } from '../suite/goal.js';
import type { Stage } from '../suite/stage.js';
import type { Row } from '../suite/workload.js';

const program = new URL('../load/occupants-process.ts', import.meta.url);

export interface Ours {
  members: number;
  authors: number;
  seconds: number;
  figure: number | null;
  violations: readonly string[];
}

/** Our deliveries a CPU second beside those of an XMPP server that archives its rooms, where there is one. */
export const prosodyRow = async (stage: Stage, ours: Ours): Promise<Row> => {
  const version = await prosodyVersion();
  stage.step(version === null ? 'without Prosody' : `Prosody ${version}`);
  const taken = version === null ? null : await take(stage, ours);
  return rowOf({
    id: 1,
    name: `fan-out to ${ours.members} sockets, 1 message a tick, against Prosody’s room with archive`,
    unit: 'deliveries/CPU s',
    figure: ours.figure,
    peer: taken?.perCpuSecond ?? null,
    violations: ours.violations,
    notes:
      taken === null
        ? ['prosody is not installed here: it was not measured']
        : [`Prosody ${version}, ${rate} messages/s, archived without being forced to the disk`, ...taken.violations],
  });
};

/** What one of its processes carries with time to spare. */
const rate = 3;

const take = async (stage: Stage, { members, authors, seconds }: Ours): Promise<{ perCpuSecond: number; violations: string[] }> => {
  await stage.untilQuiet();
  const server = await startProsody(join(stage.services.folder, 'prosody'));
  const crowd = Child.start(program, 'occupants');
  try {
    await pin(crowd.pid, 'load');
    const { port, host, rooms } = server;
    stage.tell('they come in');
    await crowd.call('enter', { port, host, room: `bench@${rooms}`, count: members + authors } satisfies EnterOrder);
    const say = (time: number): Promise<Said> => crowd.call('say', { authors, ticksPerSecond: rate, seconds: time } satisfies SayOrder);
    await say(seconds / 5);
    const window = new CpuWindow([server.pid]);
    const { delivered, violations } = await say(seconds);
    return { perCpuSecond: delivered / window.read().cpu, violations };
  } finally {
    await crowd.end();
    await server.end();
  }
};
