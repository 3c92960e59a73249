import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { collectionsOf } from '../../src/catalogue/assembled.js';
import { features } from '../../src/features/index.js';
import { systemClock } from '../../src/kernel/clock.js';
import { Telemetry } from '../../src/kernel/telemetry.js';
import { connectStore } from '../../src/store/mongo/client.js';
import { check } from '../history/check.js';
import type { Entry, History } from '../history/history.js';
import { Conductor } from './conductor.js';
import { Crowd } from './crowd.js';
import { readGauges } from './gauges.js';
import { Ledger } from './ledger.js';
import { NodeLog } from './node-log.js';
import type { ChaosOptions } from './options.js';
import { showProgress } from './progress-line.js';
import { Recorder } from './recorder.js';
import { makeReport, type Report } from './report.js';
import { leftOut, planSchedule } from './schedule.js';
import { settle } from './settling.js';
import { prefix, Site } from './site.js';
import { SlotWatch } from './slot-watch.js';
import { Stored } from './stored.js';
import { markUnserved } from './unserved-claims.js';

/** Violations told of at once; the report has all. */
const mostShown = 10;

/** One run, from nothing to a judged history. Whatever happens, it leaves no process and no folder behind. */
export class ChaosRun {
  readonly #options: ChaosOptions;
  readonly #abort = new AbortController();
  readonly #notes: string[] = [];
  readonly #endings: (() => Promise<unknown> | unknown)[] = [];
  readonly #dataDir = mkdtempSync(join(tmpdir(), 'parley-chaos-'));
  #ending: Promise<void> | undefined;
  #judged = false;
  #say: (line: string) => void = (line) => console.log(line);

  constructor(options: ChaosOptions) {
    this.#options = options;
  }

  /** Rejects when the run could not be made, or was broken off. */
  async play(): Promise<Report> {
    const { minutes, nodes, seed } = this.#options;
    const { signal } = this.#abort;
    const steps = planSchedule(this.#options);
    const out = leftOut(steps);
    this.#say(`chaos: ${steps.length} steps: ${steps.map(({ faults }) => faults.map(({ name }) => name).join(' + ')).join(', ')}`);
    this.#say(out.length === 0 ? 'chaos: every fault is in it' : `chaos: left out: ${out.join(', ')}`);
    const starting = Site.start(this.#dataDir, nodes, (line) => this.#say(line));
    // A start that is broken off in its middle ends first, then what it has started.
    this.#endings.push(() => starting.then((site) => site.stop(true)).catch(() => undefined));
    const site = await starting;
    signal.throwIfAborted();
    const redis = new Redis(site.redisUrl, { retryStrategy: () => 200, maxRetriesPerRequest: 50 });
    redis.on('error', () => undefined);
    this.#endings.push(() => redis.disconnect());
    const recorder = new Recorder();
    const ledger = new Ledger(recorder);
    const logs = new Map(site.nodes.map((node) => [node.id, new NodeLog(recorder, node.process.logFile)]));
    const slots = new SlotWatch(recorder, site.redisUrl, prefix);
    const stored = new Stored(site.mongodbUrl, prefix);
    const crowd = new Crowd({ ...this.#options, urls: site.urls, recorder, ledger });
    const { store, close } = await connectStore({
      ...{ url: site.mongodbUrl, database: prefix, collections: collectionsOf(features), pool: 4 },
      ...{ clock: systemClock, telemetry: new Telemetry(), logger: pino({ level: 'silent' }) },
    });
    this.#endings.push(
      () => crowd.close(),
      () => slots.stop(),
      close,
      () => stored.close(),
      () => {
        for (const log of logs.values()) log.stop();
      },
    );
    for (const node of site.nodes) this.#watch(node, () => recorder.now());
    this.#say('chaos: members sign up …');
    await crowd.gather();
    signal.throwIfAborted();
    const everybody = crowd.people.map(({ id }) => id);
    const begun = await stored.authority(crowd.closedRooms.community, everybody);
    recorder.add({ kind: 'authority', at: recorder.now(), begun });
    const base = await readGauges(site, redis);

    const load = { begin: recorder.now(), end: recorder.now() + minutes * 60_000 };
    const parts = { site, crowd, redis, recorder, logs, seed, signal };
    const conductor = new Conductor({ ...parts, log: (line) => this.#note(line) });
    const progress = showProgress(() => ({
      elapsedMs: recorder.now() - load.begin,
      totalMs: load.end - load.begin,
      fault: conductor.current.join(' + '),
      acknowledgedPerSecond: ledger.timeline.rate(recorder.now()),
      pending: ledger.pending,
    }));
    this.#say = progress.log;
    try {
      crowd.start();
      await conductor.play(steps, load.begin, load.end);
    } finally {
      progress.stop();
      this.#say = (line) => console.log(line);
    }
    this.#say('chaos: no more faults; waiting for everything to settle …');
    await this.#mend(site);
    load.end = recorder.now();
    const final = await settle({ ...parts, ledger, stored, store, base, log: (line) => this.#note(line) });
    signal.throwIfAborted();
    slots.stop();
    const entries = markUnserved(recorder.entries.sort((a, b) => a.at - b.at));
    this.#say(`chaos: judging ${entries.length} entries …`);
    const history: History = { title: `chaos ${JSON.stringify(this.#options)}`, entries, final };
    const { violations, counted } = check(history);
    this.#judged = true;
    this.#say(`chaos: judged with a heap of ${Math.round(process.memoryUsage().heapUsed / 2 ** 20)} MB`);
    for (const violation of violations.slice(0, mostShown))
      this.#say(`chaos: invariant ${violation.invariant}: ${violation.what.slice(0, 1_000)}`);
    if (violations.length > 0) this.#keep(history);
    return makeReport({
      options: this.#options,
      machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`,
      load,
      done: conductor.done,
      sends: ledger.spans(),
      failures: ledger.failures,
      seconds: ledger.timeline.seconds(),
      entries,
      violations,
      counted: { ...counted },
      notes: this.#notes,
      madeAt: new Date().toISOString(),
    });
  }

  /** Ends everything, in whatever state it is; again it waits for the first. */
  end(): Promise<void> {
    this.#abort.abort(new Error('the run was broken off'));
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    for (const ending of this.#endings.reverse()) await Promise.resolve(ending()).catch(() => undefined);
    if (!this.#judged) this.#keepLogs();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** Every way is open, every process runs. */
  async #mend(site: Site): Promise<void> {
    site.thawMongodb();
    await site.startRedis();
    await site.startMongodb();
    for (const node of site.nodes) {
      node.thaw();
      node.clear();
    }
    await Promise.all(site.nodes.map((node) => node.start()));
    await sleep(1_000);
  }

  /** A node that ends by itself is told of, and started again so that the run can go on. */
  #watch(node: Site['nodes'][number], now: () => number): void {
    const look = async (): Promise<void> => {
      while (!this.#abort.signal.aborted) {
        await node.process.exited;
        if (!node.mayEnd && !this.#abort.signal.aborted) {
          this.#note(`node ${node.id} ended by itself at ${(now() / 1000).toFixed(1)} s`);
          await node.start().catch((error: Error) => this.#note(error.message));
        }
        await sleep(500);
      }
    };
    void look();
  }

  #keep(history: History): void {
    const { out } = this.#options;
    mkdirSync(out, { recursive: true });
    writeLines(join(out, 'history.jsonl'), history.entries);
    writeFileSync(join(out, 'final.json'), JSON.stringify({ title: history.title, final: history.final }));
    this.#say(`chaos: the history is in ${out}/history.jsonl and final.json`);
    this.#keepLogs();
  }

  #keepLogs(): void {
    const logs = join(this.#dataDir, 'logs');
    if (!existsSync(logs)) return;
    const out = join(this.#options.out, 'logs');
    cpSync(logs, out, { recursive: true });
    this.#say(`chaos: the logs are in ${out}`);
  }

  #note(line: string): void {
    this.#notes.push(line);
    this.#say(`chaos: ${line}`);
  }
}

/** A line an entry, some at a time: all of them would be longer than a string can be. */
const writeLines = (file: string, entries: readonly Entry[]): void => {
  const step = 10_000;
  writeFileSync(file, '');
  for (let from = 0; from < entries.length; from += step) {
    const lines = entries.slice(from, from + step).map((entry) => JSON.stringify(entry));
    appendFileSync(file, `${lines.join('\n')}\n`);
  }
};
