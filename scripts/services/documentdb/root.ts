import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder.js';
import { canInstallPackages, debianMirror, installPackages } from '../debian.js';
import { LockFile } from '../lock-file.js';
import { forEverybody, makeFolder } from '../private-folder.js';
import { showProgress } from '../progress.js';
import { findProgram, runProgram } from '../shell.js';

/** Raised when a root that an older recipe built can no longer be used. */
const recipe = '1';
const recipeFile = 'etc/parley-recipe';
const release = 'forky';
/** Of `unshare`: whatever is started inside ends with it, wherever it has got to. */
export const ownProcesses = ['--pid', '--fork', '--kill-child'];
/** Lines that the build prints, so that its progress can be shown. */
const buildLines = 1400;

export interface DocumentDbRoot {
  path: string;
  /** PostgreSQL's programs, as seen from inside the root. */
  programs: string;
  uid: number;
  gid: number;
}

/** Whether DocumentDB can be had here at all. */
export const canBuildRoot = (): boolean => process.platform === 'linux' && canInstallPackages() && findProgram('unshare') !== undefined;

/**
 * DocumentDB needs a newer libc than the system may have, so it lives in a root directory of its own, which is built once and then
 * only read. It is built beside its place and renamed when complete, and mounts exist in a namespace of the build alone: a build
 * that is killed leaves nothing that could be taken for a finished root, and no mount.
 */
export const documentDbRoot = async (log: (line: string) => void): Promise<DocumentDbRoot> => {
  const folder = cacheFolder();
  const root = join(folder, 'documentdb');
  if (!isComplete(root)) {
    makeFolder(folder);
    const lock = await LockFile.take(join(folder, 'documentdb.lock'), (holder) =>
      log(`documentdb: process ${holder} is building it; waiting`),
    );
    try {
      if (!isComplete(root)) await build(root, log);
    } finally {
      lock.release();
    }
  }
  return describe(root);
};

const isComplete = (root: string): boolean => {
  try {
    return readFileSync(join(root, recipeFile), 'utf8') === recipe;
  } catch {
    return false;
  }
};

const describe = (root: string): DocumentDbRoot => {
  const version = readdirSync(join(root, 'usr/lib/postgresql')).sort().at(-1);
  const user = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync(join(root, 'etc/passwd'), 'utf8'));
  if (!version || !user) throw new Error(`${root} holds no PostgreSQL; delete it and start again`);
  return { path: root, programs: `/usr/lib/postgresql/${version}/bin`, uid: Number(user[1]), gid: Number(user[2]) };
};

const build = async (root: string, log: (line: string) => void): Promise<void> => {
  const folder = cacheFolder();
  for (const name of readdirSync(folder)) {
    if (name.startsWith('documentdb.')) if (name !== 'documentdb.lock') rmSync(join(folder, name), { recursive: true, force: true });
  }
  const started = performance.now();
  if (!findProgram('debootstrap')) await installPackages(['debootstrap'], log);
  const mirror = await debianMirror();
  const unfinished = join(folder, 'documentdb.building');
  const progress = showProgress('building the DocumentDB server (once, about a minute)', buildLines, log);
  let lines = 0;
  const onLine = (): void => progress.at(++lines);
  const env = { ...process.env, ...(await proxySettings()), DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  const privately = (script: string, ...args: string[]): Promise<string> =>
    runProgram(...forEverybody('unshare', [...ownProcesses, '--mount', '--propagation', 'private', 'sh', '-euc', script, 'sh', ...args]), {
      env,
      onLine,
    });
  try {
    await privately('exec debootstrap --variant=minbase "$1" "$2" "$3" /usr/share/debootstrap/scripts/sid', release, unfinished, mirror);
    // No server starts by itself in there, and no database cluster is made.
    writeFileSync(join(unfinished, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n');
    chmodSync(join(unfinished, 'usr/sbin/policy-rc.d'), 0o755);
    mkdirSync(join(unfinished, 'etc/postgresql-common'), { recursive: true });
    // Whoever starts us may keep new files to themselves; the server's user reads these.
    chmodSync(join(unfinished, 'etc/postgresql-common'), 0o755);
    writeFileSync(join(unfinished, 'etc/postgresql-common/createcluster.conf'), 'create_main_cluster = false\n');
    chmodSync(join(unfinished, 'etc/postgresql-common/createcluster.conf'), 0o644);
    for (const file of ['etc/resolv.conf', 'etc/hosts']) if (existsSync(`/${file}`)) copyFileSync(`/${file}`, join(unfinished, file));
    await privately(
      'mount -t proc proc "$1/proc"; exec chroot "$1" apt-get install -y --no-install-recommends postgresql-18-documentdb',
      unfinished,
    );
    for (const waste of ['var/cache/apt/archives', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man']) {
      rmSync(join(unfinished, waste), { recursive: true, force: true });
    }
    for (const mountPoint of ['data', 'sockets']) mkdirSync(join(unfinished, mountPoint), { recursive: true });
    writeFileSync(join(unfinished, recipeFile), recipe);
    renameSync(unfinished, root);
  } finally {
    progress.end();
    rmSync(unfinished, { recursive: true, force: true });
  }
  log(`documentdb: built in ${Math.round((performance.now() - started) / 1000)} s, kept in ${root}`);
};

/** apt may be set up with a proxy that nothing else knows of. */
const proxySettings = async (): Promise<NodeJS.ProcessEnv> => {
  const text = await runProgram('apt-config', ['shell', 'proxy', 'Acquire::http::Proxy']);
  const proxy = /proxy='([^']+)'/.exec(text)?.[1];
  return proxy ? { http_proxy: proxy } : {};
};
