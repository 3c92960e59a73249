import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endpointOf, mongoUrlOf, throughPort } from '../../scripts/services/endpoint.js';
import { makeFolder } from '../../scripts/services/private-folder.js';
import { removeSocketFolder, socketFolder } from '../../scripts/services/socket-folder.js';

describe('an address', () => {
  test.each([
    ['/tmp/d/redis.sock', { path: '/tmp/d/redis.sock' }, 'redis://127.0.0.1:9'],
    ['redis://127.0.0.1:6390', { host: '127.0.0.1', port: 6390 }, 'redis://127.0.0.1:9'],
    ['redis://:secret@redis.example', { host: 'redis.example', port: 6379 }, 'redis://:secret@127.0.0.1:9'],
    ['mongodb://%2Ftmp%2Fd%2Fmongo.sock/?a=b', { path: '/tmp/d/mongo.sock' }, 'mongodb://127.0.0.1:9/?a=b'],
    ['mongodb://127.0.0.1:27090/?a=b', { host: '127.0.0.1', port: 27_090 }, 'mongodb://127.0.0.1:9/?a=b'],
    ['mongodb://u:p@mongo', { host: 'mongo', port: 27_017 }, 'mongodb://u:p@127.0.0.1:9'],
  ])('%s', (url, endpoint, through) => {
    expect(endpointOf(url)).toEqual(endpoint);
    expect(throughPort(url, 9)).toBe(through);
  });

  test('of any socket comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (name) => {
        const path = `/tmp/${name.replaceAll('\0', '')}/mongo.sock`;
        expect(endpointOf(mongoUrlOf(path, 'directConnection=true'))).toEqual({ path });
      }),
    );
  });
});

describe('the folder of the sockets', () => {
  let base = '';
  const said: string[] = [];
  const log = (line: string): void => void said.push(line);
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'p-'));
    said.length = 0;
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const long = (): string => {
    const folder = join(base, 'x'.repeat(120));
    makeFolder(folder);
    return folder;
  };

  test('is in the data directory when its path is short enough', () => {
    expect(socketFolder(base, log)).toBe(join(base, 'sockets'));
    expect(statSync(join(base, 'sockets')).mode & 0o777).toBe(0o700);
    expect(said).toEqual([]);
  });

  test('is elsewhere and closed otherwise, told once, found again, and taken away at the end', () => {
    const data = long();
    const folder = socketFolder(data, log);
    expect(Buffer.byteLength(join(folder, 'redis.sock'))).toBeLessThanOrEqual(103);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(said.join()).toContain(folder);
    expect(socketFolder(data, log)).toBe(folder);
    expect(said).toHaveLength(1);
    removeSocketFolder(data);
    expect(statSync(folder, { throwIfNoEntry: false })).toBeUndefined();
  });

  test.each([
    ['open to others', () => 0o755],
    ['a link', () => undefined],
  ])('is made anew where the one it remembers is %s', (_what, mode) => {
    const data = long();
    const planted = join(base, 'planted');
    if (mode() === undefined) symlinkSync(base, planted);
    else makeFolder(planted);
    if (mode() !== undefined) chmodSync(planted, mode()!);
    writeFileSync(join(data, 'sockets.at'), `${planted}\n`);
    const folder = socketFolder(data, log);
    expect(folder).not.toBe(planted);
    expect(readFileSync(join(data, 'sockets.at'), 'utf8').trim()).toBe(folder);
    removeSocketFolder(data);
    expect(statSync(base).isDirectory()).toBe(true);
  });
});
