import fc, { type Arbitrary } from 'fast-check';
import { Bystander } from './bystander.js';
import { Cast } from './cast.js';
import { Documents } from './documents.js';
import { FuzzNode, type Services } from './node.js';
import type { Limits } from './options.js';
import { restCases } from './rest-cases.js';
import { RestDoor } from './rest-door.js';
import { socketCases } from './socket-cases.js';
import { SocketDoor } from './socket-door.js';

export interface FuzzParts {
  services: Services;
  limits: Limits;
  seed: number;
  ms: number;
  rounds: number | null;
  log: (line: string) => void;
}

export interface Finding {
  round: number;
  /** What fast-check was given, so that the same cases come again. */
  seed: number;
  what: string;
  /** The smallest case that shows it, where one case does. */
  smallest: string | null;
}

export interface FuzzReport {
  cases: number;
  /** How often each kind of answer came. */
  answers: Record<string, number>;
  findings: Finding[];
  /** Bytes kept, behind each round. */
  kept: number[];
}

const casesARound = { rest: 250, socket: 40 };
/** A run shorter than this is warming up, so its memory says nothing. */
const leastForMemoryMs = 120_000;
const mostGrowth = 0.1;
/** After so many findings the rest would be the same ones again. */
const mostFindings = 10;

/** Rounds of cases against one node, each by a seed of its own, until the time is over. */
export const fuzz = async ({ services, limits, seed, ms, rounds, log }: FuzzParts): Promise<FuzzReport> => {
  const name = `fuzz_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  const node = await FuzzNode.start(services, limits, name);
  const report: FuzzReport = { cases: 0, answers: {}, findings: [], kept: [] };
  const bystander = await Bystander.on(node.url);
  const documents = await Documents.of(node.url);
  const rest = new RestDoor(node.url, documents);
  const socket = new SocketDoor(node.url, documents);
  const started = performance.now();
  const add = (finding: Finding): void => {
    report.findings.push(finding);
    log(`found in round ${finding.round} (limits ${limits}, seed ${finding.seed}): ${finding.what}`);
    if (finding.smallest !== null) log(`  smallest: ${finding.smallest}`);
  };
  const play = async <T>(round: number, count: number, cases: Arbitrary<T>, run: (one: T) => Promise<string>): Promise<void> => {
    const property = fc.asyncProperty(cases, async (one) => {
      const answer = await run(one);
      report.cases++;
      report.answers[answer] = (report.answers[answer] ?? 0) + 1;
      const complaints = node.complaints();
      if (complaints.length > 0) throw new Error(`the node complains: ${complaints.join('\n').slice(0, 2_000)}`);
      if (!node.isRunning) throw new Error('the node has ended');
    });
    const left = Math.max(1_000, ms - (performance.now() - started));
    const result = await fc.check(property, { seed: seed + round, numRuns: count, interruptAfterTimeLimit: left, maxSkipsPerRun: 0 });
    if (!result.failed || result.counterexample === null) return;
    const what = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
    add({ round, seed: seed + round, what, smallest: JSON.stringify(result.counterexample[0]).slice(0, 4_000) });
  };
  let cast: Cast | undefined;
  try {
    for (let round = 0; performance.now() - started < ms && round < (rounds ?? Infinity); round++) {
      // With limits on an address may make a few accounts only: one cast plays on.
      if (!cast || limits === 'off') {
        cast?.leave();
        cast = await Cast.enter(node.url);
      }
      const playing = cast;
      await play(
        round,
        casesARound.rest,
        restCases(documents, (name) => playing.idsFor(name)),
        (one) => rest.try(one, playing),
      );
      await play(
        round,
        casesARound.socket,
        socketCases(documents, (name) => playing.idsFor(name)),
        (one) => socket.try(one, playing),
      );
      const harm = await bystander.isUnharmed().then(
        () => null,
        (error: unknown) => String(error),
      );
      if (harm !== null) add({ round, seed: seed + round, what: harm, smallest: null });
      if (!node.isRunning || harm !== null || report.findings.length >= mostFindings) break;
      report.kept.push(await node.kept());
    }
    const growth = growthOf(report.kept);
    if (performance.now() - started >= leastForMemoryMs && growth > mostGrowth) {
      add({ round: report.kept.length, seed, what: `memory grew by ${(growth * 100).toFixed(0)} % over the second half`, smallest: null });
    }
    return report;
  } finally {
    cast?.leave();
    bystander.leave();
    rest.close();
    await node.end();
  }
};

/** By what part more is kept at the end than in the middle; single rounds differ, so a few are taken together. */
export const growthOf = (kept: readonly number[]): number => {
  const middle = Math.floor(kept.length / 2);
  const width = Math.max(1, Math.floor(kept.length / 10));
  const mean = (part: readonly number[]): number => part.reduce((sum, one) => sum + one, 0) / part.length;
  return kept.length < 4 ? 0 : mean(kept.slice(-width)) / mean(kept.slice(middle, middle + width)) - 1;
};
