import { afterEach, describe, expect, it } from '@jest/globals';
import type { Thread } from '../../src/protocol/resources.js';
import { until } from '../until.js';
import { startCluster, type TestCluster } from './harness.js';
import { found, signUpAndConnect } from './people.js';
import { readAll } from './talk.js';

const readiness = async (url: string): Promise<string> => {
  const response = await fetch(`${url}/readyz`);
  return `${response.status} ${await response.text()}`;
};

const percentile = (sorted: readonly number[], p: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * p)] ?? 0);

describe('a rolling restart under load', () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  it('fails no send, loses nothing, stores nothing twice, and every view ends up as the store', async () => {
    cluster = await startCluster({ nodes: 3 });
    const people = await Promise.all(
      Array.from({ length: 6 }, (_x, i) => signUpAndConnect([...cluster.urls.slice(i % 3), ...cluster.urls.slice(0, i % 3)])),
    );
    const threads: Thread[] = [];
    for (let i = 0; i < 6; i++) threads.push((await found(people[i]!, people)).thread);
    const views = threads.map((thread, i) => people[(i + 1) % people.length]!.openThread(thread.id));
    await Promise.all(views.map((view) => view.ready()));

    const acknowledged: { thread: string; nonce: string; seq: number; id: string }[] = [];
    const failed: unknown[] = [];
    const took: number[] = [];
    let going = true;
    const load = people.map(async (p, i) => {
      for (let n = 0; going; n++) {
        const thread = threads[(i + n) % threads.length]!;
        const nonce = `${i}-${n}`;
        const from = performance.now();
        await p.send(thread.id, { content: nonce, nonce }, { withinMs: 30_000 }).then(
          (m) => {
            took.push(performance.now() - from);
            acknowledged.push({ thread: thread.id, nonce, seq: m.seq, id: m.id });
          },
          (error: unknown) => failed.push(error),
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    await until('the load to run', () => acknowledged.length > 50);
    for (const node of cluster.nodes) {
      const before = acknowledged.length;
      const ended = node.end('SIGTERM');
      // Out of the balancer's list before anything else, and yet at everybody's service.
      await until('it to say that it drains', async () => /^503 .*draining/s.test(await readiness(node.url)));
      expect((await fetch(`${node.url}/healthz`)).status).toBe(200);
      expect(await ended).toBe(0);
      await node.start();
      await until('sends to go on', () => acknowledged.length > before + 50);
    }
    going = false;
    await Promise.all(load);

    took.sort((a, b) => a - b);
    const figures = `${took.length} sends: p50 ${percentile(took, 0.5)} ms, p99 ${percentile(took, 0.99)} ms, longest ${percentile(took, 1)} ms`;
    process.stdout.write(`  rolling restart: ${figures}\n`);
    expect(failed).toEqual([]);
    for (const [i, thread] of threads.entries()) {
      const stored = await readAll(people[0]!, thread.id);
      expect(stored.map((m) => m.seq)).toEqual(stored.map((_m, at) => at + 1));
      const mine = acknowledged.filter((a) => a.thread === thread.id);
      expect(stored).toHaveLength(mine.length);
      const bySeq = new Map(mine.map((a) => [a.seq, a]));
      for (const m of stored) expect(m).toMatchObject({ id: bySeq.get(m.seq)?.id, nonce: bySeq.get(m.seq)?.nonce });
      const view = views[i]!;
      await until('the view to be as the store', () => view.state.messages.at(-1)?.seq === stored.length);
      const shown = view.state.messages.map((m) => ({ seq: m.seq, id: m.id }));
      expect(shown).toEqual(stored.slice(-shown.length).map(({ seq, id }) => ({ seq, id })));
      expect(shown.length).toBeGreaterThan(20);
    }
    for (const p of people) p.close();
  }, 240_000);
});
