import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startedAt } from '../../scripts/services/process-table.js';
import { fewFiles, littleSpace } from '../../scripts/start/preflight.js';
import { reasonOf } from '../../scripts/start/reason.js';
import { Started, type StartedOptions, signal } from './started.js';

let base = '';
const undo: (() => void)[] = [];
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'parley-bad-'));
});
afterAll(() => {
  for (const step of undo) step();
  rmSync(base, { recursive: true, force: true });
});

const folder = (files: Record<string, string | null> = {}): string => {
  const made = mkdtempSync(join(base, 'd'));
  for (const [name, text] of Object.entries(files)) {
    if (text === null) mkdirSync(join(made, name));
    else writeFileSync(join(made, name), text);
  }
  return made;
};

const weAreRoot = process.getuid?.() === 0;

interface BadStart {
  /** The name of what is wrong and what to do. */
  says: RegExp;
  options: () => StartedOptions | Promise<StartedOptions>;
  /** Only root can make it so; others see the words alone. */
  forRoot?: boolean;
}

const secrets = (text: string): BadStart => ({
  says: /secrets\.json is damaged.*delete it/s,
  options: () => ({ dataDir: folder({ 'secrets.json': text }) }),
});
const inPlaceOf = (name: string, text: string | null): BadStart => ({
  says: new RegExp(`${name.replace('.', '\\.')}\\b.*(take it away|give another|not a folder|is damaged)`, 's'),
  options: () => ({ dataDir: folder({ [name]: text }) }),
});
const arguments_ = (says: RegExp, ...args: string[]): BadStart => ({ says, options: () => ({ dataDir: folder(), args }) });

const badStarts: Record<string, BadStart> = {
  'secrets.json cut off': secrets('{"jwt_sec'),
  'secrets.json that is null': secrets('null'),
  'secrets.json that is a folder': inPlaceOf('secrets.json', null),
  'run.json that is a folder': inPlaceOf('run.json', null),
  'a lock that is a folder': inPlaceOf('supervisor.lock', null),
  'logs that is a file': inPlaceOf('logs', ''),
  'redis that is a file': inPlaceOf('redis', ''),
  'sockets that is a file': inPlaceOf('sockets', ''),
  'a file for a data directory': {
    says: /is not a folder|cannot make the folder/,
    options: () => ({ dataDir: join(folder({ file: '' }), 'file') }),
  },
  'a data directory below a file': {
    says: /cannot make the folder .*give another --data-dir/,
    options: () => ({ dataDir: join(folder({ file: '' }), 'file', 'data') }),
  },
  'a data directory in /proc': {
    says: /cannot make the folder \/proc\/x .*give another --data-dir/,
    options: () => ({ dataDir: '/proc/x' }),
  },
  'a data directory in /sys': { says: /\/sys\/x.*give another --data-dir/, options: () => ({ dataDir: '/sys/x' }) },
  'a device for a data directory': { says: /\/dev\/null.*give another --data-dir/, options: () => ({ dataDir: '/dev/null' }) },
  'a path with a name that is too long': {
    says: /too long|ENAMETOOLONG/,
    options: () => ({ dataDir: join(base, 'x'.repeat(300)) }),
  },
  'links in a circle': {
    says: /circle|ELOOP|cannot make the folder/,
    options: () => {
      const at = join(folder(), 'round');
      symlinkSync(at, at);
      return { dataDir: at };
    },
  },
  'a place that only can be read': {
    says: /cannot make the folder .*give another --data-dir|nothing can be written/,
    forRoot: true,
    options: () => {
      const at = folder();
      mount(at, '-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', at);
      return { dataDir: join(at, 'data') };
    },
  },
  'a full disk': {
    says: /MB are free in .*make room|the disk is full: make room/,
    forRoot: true,
    options: () => {
      const at = folder();
      mount(at, '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', at);
      spawnSync('sh', ['-c', 'head -c 1m /dev/zero > "$1/full"; chmod 700 "$1"', 'sh', at]);
      return { dataDir: at };
    },
  },
  'a small disk': {
    says: /only \d+ MB are free in .*make room/,
    forRoot: true,
    options: () => {
      const at = folder();
      mount(at, '-t', 'tmpfs', '-o', 'size=20m,mode=0700', 'tmpfs', at);
      return { dataDir: at };
    },
  },
  'a data directory of another user': {
    says: /belongs to another user \(number 65534, we are 0\)/,
    forRoot: true,
    options: () => {
      const at = folder();
      chownSync(at, 65_534, 65_534);
      return { dataDir: at };
    },
  },
  'a file of another user in it': {
    says: /secrets\.json belongs to another user/,
    forRoot: true,
    options: () => {
      const at = folder({ 'secrets.json': '{"jwt_secret": "planted planted planted planted planted"}' });
      chownSync(join(at, 'secrets.json'), 65_534, 65_534);
      return { dataDir: at };
    },
  },
  'a data directory in use': {
    says: /is in use by process \d+; stop that one or give another --data-dir/,
    options: () => ({ dataDir: folder({ 'supervisor.lock': `${process.pid} ${startedAt(process.pid)}\n` }) }),
  },
  'a port that is taken': {
    says: /port \d+ is taken .*give another --port/,
    options: async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      undo.push(() => server.close());
      return { dataDir: folder(), port: (server.address() as { port: number }).port };
    },
  },
  'few open files': {
    says: /only 128 files may be open at once.*ulimit -n/,
    options: () => ({ dataDir: folder(), within: 'ulimit -n 128; exec "$@"' }),
  },
  'an old Node': {
    says: /this is Node 18\.20\.4, and Parley needs 20\.19 or later/,
    options: () => {
      const older = join(folder(), 'older.cjs');
      writeFileSync(older, "Object.defineProperty(process.versions, 'node', { value: '18.20.4' });\n");
      return { dataDir: folder(), env: { NODE_OPTIONS: `--require=${older}` } };
    },
  },
  'a port out of range': arguments_(/--port must be a whole number from 1 to 65535/, '--port', '70000'),
  'PORT out of range': {
    says: /PORT must be a whole number from 1 to 65535/,
    options: () => ({ dataDir: folder(), env: { PORT: '123456' } }),
  },
  'an unknown option': arguments_(/Unknown option '--prot'.*--help/, '--prot', '1'),
  'a short JWT_SECRET': {
    says: /JWT_SECRET\): must have 32 bytes or more/,
    options: () => ({ dataDir: folder(), env: { JWT_SECRET: 'short' } }),
  },
  'a bad LOG_LEVEL': { says: /log\.level \(LOG_LEVEL\)/, options: () => ({ dataDir: folder(), env: { LOG_LEVEL: 'loud' } }) },
  'a Redis that is not there': {
    says: /REDIS_URL is set, but no Redis answers at redis:\/\/127\.0\.0\.1:1/,
    options: () => ({ dataDir: folder(), env: { REDIS_URL: 'redis://127.0.0.1:1' } }),
  },
  'a MongoDB that is not there': {
    says: /MONGODB_URL is set, but no MongoDB answers at mongodb:\/\/127\.0\.0\.1:1/,
    options: () => ({ dataDir: folder(), env: { MONGODB_URL: 'mongodb://127.0.0.1:1' } }),
  },
};

const mount = (at: string, ...args: string[]): void => {
  const { status, stderr } = spawnSync('sh', ['-c', 'exec mount "$@"', 'sh', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  undo.push(() => spawnSync('sh', ['-c', 'exec umount "$1"', 'sh', at]));
};

describe('a bad start says in a sentence what is wrong and what to do, and ends', () => {
  test.each(Object.entries(badStarts).filter(([, { forRoot }]) => weAreRoot || !forRoot))('%s', async (_name, { says, options }) => {
    const run = await Started.begin(await options());
    try {
      const code = await run.ended;
      const said = run.output.split('\n').filter((line) => !/^(>|npm |$)/.test(line));
      expect(said.join('\n')).toMatch(says);
      expect(said.some((line) => line.startsWith('parley: '))).toBe(true);
      expect(run.output).not.toMatch(/^\s+at .+:\d+/m);
      expect(run.output).not.toMatch(/TypeError|SyntaxError|Unhandled|node:internal/);
      expect(code).toBeGreaterThan(0);
      expect(run.processes()).toEqual([]);
    } finally {
      for (const pid of run.processes()) signal(pid, 'SIGKILL');
    }
  });

  test('where nothing may be read or made, as a user who is not root', () => {
    const error = Object.assign(new Error('EACCES: permission denied, mkdir'), { code: 'EACCES', path: '/root/x' });
    expect(reasonOf(error)).toBe('/root/x: this user may not use it: give another --data-dir, or change its owner and mode (EACCES)');
  });

  test.each(['ENOSPC', 'EROFS', 'EDQUOT', 'ENOTDIR', 'EISDIR', 'EMFILE', 'ENFILE', 'EAGAIN', 'ENAMETOOLONG'])(
    '%s is put into words',
    (code) => {
      const said = reasonOf(Object.assign(new Error(`${code}: something, open '/x'`), { code, path: '/x' }));
      expect(said).toMatch(/: .*(make room|another --data-dir|shorter|raise the limit|end some)/);
      expect(said).not.toContain('something');
    },
  );

  test('limits are told with what is needed', () => {
    expect([fewFiles(undefined), fewFiles(1024), littleSpace('/d', undefined), littleSpace('/d', 2 ** 40)]).toEqual(
      Array(4).fill(undefined),
    );
    expect(fewFiles(1023)).toContain('1024');
    expect(littleSpace('/d', 5 * 2 ** 20)).toContain('only 5 MB are free in /d');
  });
});

describe('what is damaged and not needed does not stop a start', () => {
  test.each([
    ['run.json cut off', { 'run.json': '{"nod' }],
    ['run.json of another shape', { 'run.json': '{"nodes": 5}' }],
    ['run.json with pids that must get no signal', { 'run.json': '{"nodes": [{"id": "n1", "url": "", "pid": -1}, {"pid": 1}]}' }],
    ['a lock that is empty', { 'supervisor.lock': '' }],
    ['a lock of words', { 'supervisor.lock': 'not a lock\n' }],
    ['a note of sockets that leads nowhere', { 'sockets.at': '/nowhere\n' }],
  ])('%s', async (_name, files) => {
    const run = await Started.begin({ dataDir: folder(files) });
    try {
      await run.untilSaid('redis: ');
      signal(run.npm.pid!, 'SIGTERM');
      await run.ended;
    } finally {
      await run.clean();
    }
  });

  test('a data directory whose path is too long for sockets runs, with its sockets in a closed folder elsewhere', async () => {
    const long = join(folder(), 'a-rather-long-name-of-a-folder'.repeat(4));
    mkdirSync(long);
    chmodSync(long, 0o700);
    const run = await Started.begin({ dataDir: long });
    try {
      await run.untilReady();
      expect(run.output).toContain('is too long for sockets, so they are in ');
      expect(run.state.services.redis.url.length).toBeLessThan(104);
    } finally {
      await run.clean();
    }
  });
});
