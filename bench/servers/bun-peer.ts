import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pin } from '../measure/cores.js';
import type { Ground } from './ground.js';
import type { Scene } from './scene.js';

const program = fileURLToPath(new URL('./bun-publish-process.ts', import.meta.url));
const bun = process.env.BUN ?? 'bun';

/** The version of `bun` on the path (or named by BUN); null where there is none. */
export const bunVersion = (): Promise<string | null> =>
  promisify(execFile)(bun, ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );

/** Starts Bun's native publish, the ceiling of what one process can give out here. */
export const startBunPeer = async (scene: Scene): Promise<Ground> => {
  const child = spawn(bun, [program], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const end = (): Promise<void> => ended(child);
  try {
    const port = await portOf(child);
    await pin(child.pid!, 'server');
    const tokens = Array.from({ length: scene.members }, () => 'anyone');
    return { port, ports: [port], pids: [child.pid!], tokens, scene, end };
  } catch (error) {
    await end();
    throw error;
  }
};

const portOf = async (child: ChildProcess): Promise<number> => {
  for await (const line of createInterface({ input: child.stdout! })) return Number(line);
  throw new Error('bun ended before it listened');
};

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await exited;
};
