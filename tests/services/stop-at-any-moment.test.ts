import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { canBuildRoot } from '../../scripts/services/documentdb/root.js';
import { commandLine } from '../../scripts/services/process-table.js';
import { until } from '../until.js';
import { openFolder, Started, signal } from './started.js';

type Ending = (run: Started) => void;

const toNpm =
  (name: NodeJS.Signals): Ending =>
  ({ npm }) =>
    signal(npm.pid!, name);
/** What a terminal does: all of its programs get the signal at once. */
const toAll =
  (name: NodeJS.Signals): Ending =>
  ({ npm }) =>
    signal(-npm.pid!, name);
/** Where there is no supervisor yet, npm is all there is. */
const toSupervisor =
  (name: NodeJS.Signals): Ending =>
  (run) =>
    signal(run.supervisor ?? run.npm.pid!, name);

const endings: Record<string, Ending> = {
  'SIGTERM to npm': toNpm('SIGTERM'),
  'SIGINT to npm': toNpm('SIGINT'),
  'SIGHUP to npm': toNpm('SIGHUP'),
  'kill -9 of npm': toNpm('SIGKILL'),
  'Ctrl-C': toAll('SIGINT'),
  'SIGTERM to the supervisor': toSupervisor('SIGTERM'),
  'SIGINT to the supervisor': toSupervisor('SIGINT'),
  'kill -9 of the supervisor': toSupervisor('SIGKILL'),
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const after = (from: number, to: number) => async (): Promise<string> => {
  const ms = Math.round(from + Math.random() * (to - from));
  await sleep(ms);
  return `after ${ms} ms`;
};
const saying =
  (text: string) =>
  async (run: Started): Promise<string> => {
    await run.untilSaid(text);
    return `at '${text}'`;
  };

/** Of a start that finds its data there: npm, loading, the build, Redis, PostgreSQL, the gateway, the node, running. */
const moments: Record<string, (run: Started) => Promise<string>> = {
  'while npm starts': after(1, 300),
  'while the program loads': after(300, 900),
  'while it builds': after(900, 1_600),
  'when Redis runs': saying('redis: '),
  'while PostgreSQL starts': after(1_600, 2_800),
  'when MongoDB runs': saying('mongo: mongodb'),
  'when all runs': saying('Parley is running'),
};

const folder = openFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nothingIsLeft = async (run: Started, how: string): Promise<void> => {
  let left: number[] = [];
  await until(`nothing to be left ${how}`, () => {
    left = run.processes();
    return left.length === 0;
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${left.map((pid) => `${pid} ${commandLine(pid).slice(0, 120)}`).join('; ')}\n${run.output}`);
  });
};

const names = Object.keys(endings);
/** Each moment meets a few endings, each ending a few moments; another third of them every time. */
const turn = Math.floor(Math.random() * names.length);
const sweep = Object.keys(moments).flatMap((moment, i) =>
  [0, 3, 5].map((step) => [moment, names[(turn + i + step) % names.length]!] as const),
);

describe('npm start, ended at any moment, leaves no process behind', () => {
  test.each(sweep)('%s: %s', async (moment, ending) => {
    const run = await Started.begin({ dataDir: folder });
    try {
      const when = await moments[moment]!(run);
      endings[ending]!(run);
      await run.ended;
      await nothingIsLeft(run, `after ${ending} ${when}`);
    } finally {
      for (const pid of run.processes()) signal(pid, 'SIGKILL');
    }
  });

  test.each(['SIGTERM to npm', 'kill -9 of npm', 'kill -9 of the supervisor', 'Ctrl-C'])(
    'while the DocumentDB server is being built: %s',
    async (ending) => {
      if (!canBuildRoot()) return expect(process.getuid?.() === 0 && existsSync('/etc/debian_version')).toBe(false);
      const place = openFolder();
      const programs = join(place, 'programs');
      mkdirSync(programs);
      // It starts others, as the real one does, and none of them ends by itself.
      writeFileSync(join(programs, 'debootstrap'), '#!/bin/sh\n(sleep 600; true) &\nsetsid sleep 600 &\nsleep 600\n', { mode: 0o755 });
      const run = await Started.begin({ env: { PARLEY_CACHE: join(place, 'cache'), PATH: `${programs}:${process.env.PATH}` } });
      try {
        await until('the build', () => run.processes().filter((pid) => commandLine(pid) === 'sleep 600').length === 3);
        endings[ending]!(run);
        await run.ended;
        await nothingIsLeft(run, `after ${ending} while it was built`);
      } finally {
        for (const pid of run.processes()) signal(pid, 'SIGKILL');
        for (const left of [place, run.dataDir]) rmSync(left, { recursive: true, force: true });
      }
    },
  );

  test('a terminal that closes ends all of it', async () => {
    const run = await Started.begin({ dataDir: folder, within: 'exec script -qec "$*" /dev/null' });
    try {
      await run.untilSaid('redis: ');
      // The terminal's other end goes with the program that holds it.
      signal(run.npm.pid!, 'SIGKILL');
      await nothingIsLeft(run, 'after the terminal closed');
    } finally {
      for (const pid of run.processes()) signal(pid, 'SIGKILL');
    }
  });

  test('the next start finds its data and runs', async () => {
    const run = await Started.begin({ dataDir: folder });
    try {
      await run.untilReady();
      signal(run.npm.pid!, 'SIGTERM');
      await nothingIsLeft(run, 'after the last');
      expect(run.output).not.toMatch(/^\s+at .*\(/m);
    } finally {
      for (const pid of run.processes()) signal(pid, 'SIGKILL');
    }
  });
});
