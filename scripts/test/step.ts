import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set<ChildProcess>();

export interface StepResult {
  ok: boolean;
  seconds: number;
  output: string;
}

export interface StepOptions {
  env?: NodeJS.ProcessEnv;
  /** Shown as it comes; otherwise it is only kept, for when the step fails. */
  show?: boolean;
  limitMs: number;
}

/**
 * Runs a program of the test run in a process group of its own, so that it ends with everything it started, whether its time is up or
 * the run is broken off.
 */
export const runStep = async (command: string, args: string[], options: StepOptions): Promise<StepResult> => {
  const started = performance.now();
  const child = spawn(command, args, {
    env: options.env ?? process.env,
    detached: true,
    stdio: options.show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-100_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const timer = setTimeout(() => {
    output += `\nended after ${options.limitMs / 1000} s`;
    signalGroup(child, 'SIGKILL');
  }, options.limitMs);
  const code = await new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  clearTimeout(timer);
  running.delete(child);
  // What the program left behind in its group goes with it.
  signalGroup(child, 'SIGKILL');
  return { ok: code === 0, seconds: (performance.now() - started) / 1000, output };
};

/** Breaks off whatever runs: asked first, then by force. */
export const endSteps = async (): Promise<void> => {
  for (const child of running) signalGroup(child, 'SIGTERM');
  for (let i = 0; i < 50 && running.size > 0; i++) await sleep(100);
  for (const child of running) signalGroup(child, 'SIGKILL');
};

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals): void => {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // The group is empty already.
  }
};
