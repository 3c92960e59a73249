import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runStep } from '../../scripts/test/step.js';

export interface JestOutcome {
  passed: number;
  /** Full names of the tests that failed. */
  failed: string[];
  /** Files of which no test ran: the source does not even load. */
  broken: string[];
  seconds: number;
  /** Set when Jest told nothing: its own words. */
  silent?: string;
}

interface Report {
  numPassedTests: number;
  testResults: { name: string; status: string; assertionResults: { status: string; fullName: string }[] }[];
}

const limitMs = 180_000;
/** A mutated project may wait for what never comes: shorter than the tests' own limit. */
const testLimitMs = 30_000;

/** Runs test files of a folder, one after the other. */
export const runJest = async (folder: string, files: readonly string[], env: NodeJS.ProcessEnv): Promise<JestOutcome> => {
  const output = join(folder, 'jest-report.json');
  rmSync(output, { force: true });
  const jest = join(folder, 'node_modules', 'jest', 'bin', 'jest.js');
  const options = ['--rootDir', folder, '-w', '1', '--forceExit', `--testTimeout=${testLimitMs}`, '--json', `--outputFile=${output}`];
  const args = [
    '--experimental-vm-modules',
    '--no-warnings',
    jest,
    ...options,
    '--runTestsByPath',
    ...files.map((file) => join(folder, file)),
  ];
  const { seconds, output: words } = await runStep(process.execPath, args, { env, limitMs });
  if (!existsSync(output)) return { passed: 0, failed: [], broken: [], seconds, silent: words };
  const report = JSON.parse(readFileSync(output, 'utf8')) as Report;
  const results = report.testResults;
  return {
    passed: report.numPassedTests,
    failed: results.flatMap(({ assertionResults }) => assertionResults.filter((it) => it.status === 'failed').map((it) => it.fullName)),
    broken: results.filter((it) => it.status === 'failed' && it.assertionResults.length === 0).map((it) => it.name),
    seconds,
  };
};
