import { newNonce } from '../../src/client/nonce.js';
import { memoryOf, untilCalm } from '../measure/process-usage.js';
import { oneCommunity } from '../servers/scene.js';
import type { Stage } from '../suite/stage.js';
import type { Row, Workload } from '../suite/workload.js';
import { writeMessages } from './long-thread.js';
import { flatRow, plotSeries, type Series, seriesRows } from './series.js';

const members = 2;

/** 12: threads with ever more messages: waking them, reading them anywhere, writing into them. */
export const longHistories: Workload = {
  id: 12,
  name: 'long histories',
  steps: 2,
  needs: {},
  mostMinutes: 15,
  async run(stage: Stage): Promise<Row[]> {
    const sizes = stage.pick([1_000, 10_000, 100_000, 1_000_000], [200, 1_000, 5_000]);
    const reads = stage.pick(300, 20);
    const { services } = stage;
    const scene = oneCommunity(members, sizes.length);
    const [place] = scene.places;
    const threads = sizes.map((messages, i) => ({ id: place!.threads[i]!, messages }));
    const database = services.freshName();
    stage.step('messages are written');
    await writeMessages(services.mongoUrl, database, place!.id, threads, (count) => stage.tell(`${count} messages are written`));

    stage.step('indexes are built');
    const { startParley } = await import('../servers/parley.js');
    // Without workers: what is measured is not how the search catches up with a million messages.
    const ground = await startParley({ ...services, freshName: () => database }, scene, 1, 'gateway');
    try {
      const [pid] = ground.pids as [number];
      const times: Record<string, [number, number][]> = { waking: [], newest: [], anywhere: [], changes: [], send: [] };
      const memory: [number, number | null][] = [];
      const violations: string[] = [];
      const api = async (method: string, path: string, body?: object): Promise<{ items?: { seq: number }[]; seq?: number }> => {
        const response = await fetch(`http://127.0.0.1:${ground.port}/api${path}`, {
          method,
          headers: { authorization: `Bearer ${ground.tokens[1]}`, 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
        });
        if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
        return (await response.json()) as { items?: { seq: number }[]; seq?: number };
      };
      const timed = async (run: () => Promise<boolean>, what: string): Promise<number> => {
        const begin = performance.now();
        if (!(await run())) violations.push(`${what} was not what is stored`);
        return performance.now() - begin;
      };
      const median = async (count: number, what: string, run: () => Promise<boolean>): Promise<number> => {
        const took: number[] = [];
        for (let i = 0; i < count; i++) took.push(await timed(run, what));
        return took.sort((a, b) => a - b)[Math.floor(count / 2)]!;
      };
      for (const { id, messages } of threads) {
        stage.tell(`${messages} messages`);
        await untilCalm(ground.pids, 10_000);
        const before = memoryOf(pid);
        const path = `/messages/thread/${id}`;
        const ends = (seq: number) => (page: { items?: { seq: number }[] }) => page.items?.at(-1)?.seq === seq;
        times.waking!.push([messages, await timed(async () => ends(messages)(await api('GET', path)), 'the newest page')]);
        times.newest!.push([messages, await median(reads, 'the newest page', async () => ends(messages)(await api('GET', path)))]);
        const anywhere = async (): Promise<boolean> => {
          const seq = 51 + Math.floor(Math.random() * (messages - 100));
          return ends(seq - 1)(await api('GET', `${path}?before_seq=${seq}`));
        };
        times.anywhere!.push([messages, await median(reads, 'a page', anywhere)]);
        const after = async (): Promise<boolean> => {
          const seq = 1 + Math.floor(Math.random() * (messages - 100));
          return (await api('GET', `${path}?after_seq=${seq}`)).items?.[0]?.seq === seq + 1;
        };
        times.changes!.push([messages, await median(reads, 'a page', after)]);
        let last = messages;
        const send = async (): Promise<boolean> => (await api('POST', path, { content: 'one more', nonce: newNonce() })).seq === ++last;
        times.send!.push([messages, await median(reads, 'a sent message', send)]);
        await untilCalm(ground.pids, 10_000);
        const now = memoryOf(pid);
        memory.push([messages, before && now ? (now.rss - before.rss) / 1e6 : null]);
      }
      const common = { id: 12, of: 'messages in a thread', unit: 'ms', violations, notes: stage.noises };
      const series: Series[] = [
        { ...common, cost: 'first page of a sleeping thread', points: times.waking! },
        { ...common, cost: 'newest page', points: times.newest! },
        { ...common, cost: 'page before any place', points: times.anywhere! },
        { ...common, cost: 'page after any place', points: times.changes! },
        { ...common, cost: 'send', points: times.send! },
      ];
      plotSeries(stage, '12: pages and sends by REST, median', series, { label: 'ms', log: true });
      const grown: Series = { ...common, unit: 'MB', cost: 'memory that the node grew by', points: memory };
      return [...series.flatMap((one) => [...seriesRows(one), flatRow(one, sizes[0]!)]), ...seriesRows(grown)];
    } finally {
      await ground.end();
    }
  },
};
