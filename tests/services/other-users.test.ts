/** Security case 67: other users of the machine that runs `npm start` reach neither its services nor its files. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BSON } from 'mongodb';
import { linkOf, openFolder, Started } from './started.js';

/** What somebody else's program does: asks each address in several tongues, and reads each file. Prints what it got. */
const stranger = `
const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { connect } = require('node:net');
const { uid, gid, addresses, files, folders, mongoHello } = JSON.parse(readFileSync(0, 'utf8'));
if (process.getuid() === 0) { process.setgroups([]); process.setgid(gid); process.setuid(uid); }
const ask = (to, bytes) => new Promise((resolve) => {
  const socket = connect(to);
  let got = '';
  const end = (how) => { socket.destroy(); resolve(got || how); };
  socket.on('connect', () => socket.write(bytes)).on('data', (d) => { got += d.toString('latin1'); end(); });
  socket.on('error', (e) => end(e.code)).on('close', () => end('closed'));
  setTimeout(() => end('open, silent'), 1500);
});
const read = (path, how) => { try { how(path); return 'read'; } catch (e) { return e.code; } };
(async () => {
  const answers = [];
  for (const to of addresses)
    for (const [tongue, bytes] of [['redis', 'KEYS *\\r\\n'], ['mongo', Buffer.from(mongoHello, 'base64')], ['postgres', Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])]])
      answers.push([JSON.stringify(to), tongue, await ask(to, bytes)]);
  const opened = files.map((f) => [f, read(f, (p) => readFileSync(p))]).concat(folders.map((f) => [f, read(f, (p) => readdirSync(p))]));
  const written = folders.map((f) => [f, read(f, (p) => writeFileSync(p + '/planted', ''))]);
  console.log(JSON.stringify({ answers, opened, written }));
})();
`;

interface Haul {
  answers: [address: string, tongue: string, got: string][];
  opened: [path: string, got: string][];
  written: [path: string, got: string][];
}

type Address = { host: string; port: number } | { path: string };

/** `{hello: 1}` as a driver would put it on the wire. */
const mongoHello = (): string => {
  const document = BSON.serialize({ hello: 1, $db: 'admin' });
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + document.length, 0);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, document]).toString('base64');
};

const asStranger = (addresses: Address[], files: string[], folders: string[]): Haul => {
  const input = JSON.stringify({ uid: 65_534, gid: 65_534, addresses, files, folders, mongoHello: mongoHello() });
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', stranger], { input, cwd: '/', encoding: 'utf8', maxBuffer: 64 * 2 ** 20 });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as Haul;
};

/** Where the processes listen, as the system knows it, whatever they say themselves. */
const listeners = (pids: readonly number[]): { ports: number[]; sockets: string[] } => {
  const inodes = new Set(
    pids.flatMap((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).map((fd) => /socket:\[(\d+)\]/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1]);
      } catch {
        return [];
      }
    }),
  );
  const table = (name: string): string[][] =>
    readFileSync(`/proc/net/${name}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/));
  const ports = [...table('tcp'), ...table('tcp6')]
    .filter((row) => row[3] === '0A' && inodes.has(row[9]))
    .map((row) => Number.parseInt(row[1]!.split(':').at(-1)!, 16));
  // Listening, and named; an abstract name begins with @.
  const sockets = table('unix')
    .filter((row) => row[3] === '00010000' && inodes.has(row[6]) && row[7])
    .map((row) => row[7]!);
  return { ports: [...new Set(ports)], sockets };
};

const everythingIn = (folder: string): { files: string[]; folders: string[] } => {
  const found = { files: [] as string[], folders: [folder] };
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) found.folders.push(path);
    else if (entry.isFile()) found.files.push(path);
  }
  return found;
};

describe('case 67: other users of the machine', () => {
  const weAreRoot = process.getuid?.() === 0;
  let run: Started;

  beforeAll(async () => {
    // As an earlier version, a careless copy or `mkdir` may have left it.
    const dataDir = openFolder();
    for (const name of ['logs', 'redis', 'redis/appendonlydir']) {
      mkdirSync(join(dataDir, name));
      chmodSync(join(dataDir, name), 0o755);
    }
    for (const name of ['logs/redis.log', 'logs/n1.log', 'logs/gateway.log', 'logs/postgres.log', 'run.json', 'old.rejects.jsonl']) {
      writeFileSync(join(dataDir, name), '{"from": "an earlier run"}\n');
      chmodSync(join(dataDir, name), 0o644);
    }
    writeFileSync(join(dataDir, 'secrets.json'), JSON.stringify({ jwt_secret: 'a secret of an earlier run, long enough to sign with' }));
    chmodSync(join(dataDir, 'secrets.json'), 0o644);
    run = await Started.begin({ dataDir });
    await run.untilReady();
  });
  afterAll(() => run?.clean());

  test('find no port but the door of the node', () => {
    expect(listeners(run.processes()).ports).toEqual([run.port]);
  });

  test('find no socket that they can talk to, in the tongue of Redis, MongoDB or PostgreSQL', () => {
    const { services } = run.state;
    const { ports, sockets } = listeners(run.processes());
    // PostgreSQL's is known by its name inside its root alone.
    const known = [...new Set([...sockets, services.redis.url, decodeURIComponent(new URL(services.mongo.url).hostname)])];
    expect(known.length).toBeGreaterThanOrEqual(2);
    for (const path of known.filter((name) => !name.startsWith('@'))) {
      const mode = statSync(path, { throwIfNoEntry: false })?.mode;
      // One that is not there under this name is in a folder that the server sees elsewhere.
      if (mode !== undefined) expect(statSync(join(path, '..')).mode & 0o077).toBe(0);
    }
    expect(known.filter((name) => name.startsWith('@'))).toEqual([]);
    const hidden = readdirSync('/run')
      .filter((name) => name.startsWith('parley-'))
      .map((name) => ({ path: join('/run', name, 'sockets', '.s.PGSQL.5432') }));
    if (!weAreRoot) return;
    const addresses: Address[] = [...known.map((path) => ({ path })), ...hidden, ...ports.map((port) => ({ host: '127.0.0.1', port }))];
    const { answers } = asStranger(addresses, [], []);
    const talked = answers.filter(([, , got]) => !['EACCES', 'ENOENT', 'ECONNREFUSED', 'closed', 'open, silent'].includes(got));
    // The node's door answers that this is no HTTP.
    expect(talked.filter(([address, , got]) => !(address.includes(`${run.port}`) && got.startsWith('HTTP/1.1 400')))).toEqual([]);
  });

  test('read and write nothing in the data directory, not even what was open before', () => {
    const { files, folders } = everythingIn(run.dataDir);
    expect(files.map((path) => path.slice(run.dataDir.length + 1))).toEqual(
      expect.arrayContaining(['secrets.json', 'run.json', 'logs/n1.log', 'logs/redis.log', 'old.rejects.jsonl']),
    );
    const open = [...files, ...folders].filter((path) => statSync(path, { throwIfNoEntry: false })!.mode & 0o077);
    expect(open).toEqual([]);
    if (!weAreRoot) return;
    const { opened, written } = asStranger([], files, folders);
    expect(opened.filter(([, got]) => got === 'read')).toEqual([]);
    expect(written.filter(([, got]) => got === 'read')).toEqual([]);
  });

  test('see no secret in the list of processes', () => {
    const { jwt_secret } = JSON.parse(readFileSync(join(run.dataDir, 'secrets.json'), 'utf8')) as { jwt_secret: string };
    const seen = run.processes().map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    expect(seen.filter((line) => line.includes(jwt_secret))).toEqual([]);
  });

  test('who started it reaches all of it by the addresses in run.json', async () => {
    const { Redis } = await import('ioredis');
    const { MongoClient } = await import('mongodb');
    const redis = new Redis(run.state.services.redis.url);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    const client = await MongoClient.connect(run.state.services.mongo.url);
    expect((await client.db('admin').command({ ping: 1 })).ok).toBe(1);
    await client.close();
  });
});
