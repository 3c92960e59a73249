import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alive, allPids, commandLine, endProcess } from '../process-table.js';
import { ServiceProcess } from '../service-process.js';
import { runProgram } from '../shell.js';
import { PostgresConnection, PostgresLost } from './postgres-connection.js';
import { postgresSettings } from './postgres-settings.js';
import { type DocumentDbRoot, ownProcesses } from './root.js';

/** Fast shutdown, then immediate (recovers at the next start), then by force. */
const stopSteps: readonly [NodeJS.Signals, number][] = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];
const recoveryMs = 600_000;

/**
 * PostgreSQL with DocumentDB on one data folder. It runs inside the shared root, in a mount namespace of its own where its folder is
 * mounted: nothing stays mounted when it ends, however it ends, and servers of other folders do not see each other. The cluster's
 * name, made from the folder's path, tells its processes from theirs.
 */
export class PostgresServer {
  readonly socketPath: string;
  readonly #root: DocumentDbRoot;
  readonly #home: string;
  /** Our user's alone; the server's own folder is in it, since a user of this system may have the number that the server's has in its root. */
  readonly #run: string;
  readonly #sockets: string;
  readonly #cluster: string;
  readonly #logFile: string;
  readonly #log: (line: string) => void;
  readonly #settings: string;
  #process: ServiceProcess | undefined;

  constructor(root: DocumentDbRoot, dataDir: string, durable: boolean, log: (line: string) => void) {
    this.#root = root;
    this.#home = join(dataDir, 'documentdb');
    mkdirSync(this.#home, { recursive: true });
    const hash = createHash('sha256').update(realpathSync(this.#home)).digest('hex').slice(0, 12);
    this.#cluster = `parley-${hash}`;
    // A socket's path must be short, which a data directory's need not be.
    this.#run = `/run/${this.#cluster}`;
    this.#sockets = join(this.#run, 'sockets');
    this.socketPath = join(this.#sockets, '.s.PGSQL.5432');
    this.#logFile = join(dataDir, 'logs', 'postgres.log');
    this.#log = log;
    this.#settings = postgresSettings(durable);
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  get exited(): Promise<void> {
    return this.#process?.exited ?? Promise.resolve();
  }

  async start(): Promise<void> {
    await this.#endOrphans();
    this.#prepareFolders();
    if (!existsSync(join(this.#home, 'pg', 'PG_VERSION'))) await this.#create();
    writeFileSync(join(this.#home, 'pg', 'postgresql.conf'), this.#settings);
    const { programs } = this.#root;
    this.#process = await ServiceProcess.start({
      command: 'unshare',
      args: this.#inside(['--pdeathsig', 'INT'], `${programs}/postgres`, '-D', '/data/pg', '-c', `cluster_name=${this.#cluster}`),
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      logFile: this.#logFile,
      // Until it has its user, which makes the system forget this; then it has a leash of its own.
      orphanSignal: 'KILL',
    });
    await this.#untilReady();
  }

  async stop(): Promise<void> {
    await this.#process?.stop(stopSteps);
    rmSync(this.#run, { recursive: true, force: true });
  }

  /** The arguments of `unshare` that run a program inside the root, as the server's user. */
  #inside(privileges: string[], ...program: string[]): string[] {
    const { path, uid, gid } = this.#root;
    const script =
      'mount --bind "$2" "$1/data"; mount --bind "$3" "$1/sockets"; mount --rbind /dev "$1/dev"; mount -t proc proc "$1/proc"; ' +
      'root="$1"; uid="$4"; gid="$5"; shift 5; exec chroot "$root" setpriv --reuid "$uid" --regid "$gid" --clear-groups "$@"';
    const mounts = [path, this.#home, this.#sockets, String(uid), String(gid)];
    return ['--mount', '--propagation', 'private', 'sh', '-euc', script, 'sh', ...mounts, ...privileges, ...program];
  }

  #prepareFolders(): void {
    const { uid, gid } = this.#root;
    rmSync(this.#run, { recursive: true, force: true });
    mkdirSync(this.#run, { mode: 0o700 });
    for (const folder of [this.#home, this.#sockets]) {
      mkdirSync(folder, { recursive: true });
      chownSync(folder, uid, gid);
      chmodSync(folder, 0o700);
    }
  }

  /** Made under another name and renamed, so that a cluster is either whole or not there. */
  async #create(): Promise<void> {
    const fresh = join(this.#home, 'pg.new');
    rmSync(fresh, { recursive: true, force: true });
    const options = ['-U', 'documentdb', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync', '--no-instructions'];
    await runProgram('unshare', [...ownProcesses, ...this.#inside([], `${this.#root.programs}/initdb`, '-D', '/data/pg.new', ...options)]);
    renameSync(fresh, join(this.#home, 'pg'));
  }

  async #untilReady(): Promise<void> {
    const server = this.#process!;
    const started = performance.now();
    let told = started;
    for (; performance.now() < started + recoveryMs; await sleep(50)) {
      if (!server.running) throw new Error(`PostgreSQL ended at once; the end of ${this.#logFile}:\n${server.tail()}`);
      try {
        const connection = await PostgresConnection.open(this.socketPath, 'documentdb', 'postgres');
        await this.#installExtensions(connection);
        connection.end();
        return;
      } catch (error) {
        if (!isStarting(error)) throw error;
      }
      if (performance.now() > told + 5000) {
        told = performance.now();
        this.#log('documentdb: PostgreSQL is still starting (it recovers what a crash left) …');
      }
    }
    throw new Error(`PostgreSQL was not ready in ${recoveryMs / 1000} s; see ${this.#logFile}`);
  }

  /** Each is a no-op when done before, so a crash between them is made good at the next start. */
  async #installExtensions(connection: PostgresConnection): Promise<void> {
    const steps = [
      'CREATE EXTENSION IF NOT EXISTS documentdb CASCADE',
      'CREATE EXTENSION IF NOT EXISTS documentdb_extended_rum',
      // Every refused write would otherwise be logged with its document in it.
      "ALTER ROLE documentdb SET log_min_messages = 'panic'",
    ];
    for (const [i, sql] of steps.entries()) await connection.run({ name: `extension_${i}`, sql }, []);
  }

  async #endOrphans(): Promise<void> {
    const pidFile = join(this.#home, 'pg', 'postmaster.pid');
    const mark = (line: string): boolean =>
      line.includes(`cluster_name=${this.#cluster}`) || line.startsWith(`postgres: ${this.#cluster}:`);
    const orphans = allPids().filter((pid) => pid !== process.pid && mark(commandLine(pid)));
    if (orphans.length > 0) this.#log('documentdb: ending a PostgreSQL left over from an earlier run');
    // The postmaster first: it ends the others, and only those it left behind itself are ended by force.
    const postmaster = orphans.find((pid) => commandLine(pid).includes('cluster_name='));
    if (postmaster !== undefined) await endProcess(postmaster, stopSteps);
    for (const pid of orphans)
      if (
        !(await endProcess(pid, [
          ['SIGQUIT', 2000],
          ['SIGKILL', 5000],
        ]))
      )
        throw new Error(`process ${pid} does not end`);
    if (!existsSync(pidFile)) return;
    // A pid that came round again would keep PostgreSQL from starting for ever.
    const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
    if (alive(pid)) rmSync(pidFile);
  }
}

/** There is no socket yet, nobody listens on it, or PostgreSQL says that it cannot take connections now. */
const isStarting = (error: unknown): boolean =>
  error instanceof PostgresLost && ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', '57P03'].includes(error.sqlState ?? '');
