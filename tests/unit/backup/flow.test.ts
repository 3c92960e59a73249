import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deserialize, ObjectId, serialize } from 'bson';
import { bringBack, Refused } from '../../../scripts/backup/bring-back.js';
import { checkBackup, openBackup } from '../../../scripts/backup/check.js';
import { fileOf, manifestFile, NoBackup } from '../../../scripts/backup/manifest.js';
import type { Secrets } from '../../../scripts/backup/secrets.js';
import { takeBackup } from '../../../scripts/backup/take.js';
import type { BackupSource } from '../../../src/store/mongo/backup/source.js';
import { type BackupTarget, newestMigration } from '../../../src/store/mongo/backup/target.js';

type Row = Record<string, unknown>;
const thread = new ObjectId();
const said = (seq: number): Row => ({ _id: new ObjectId(), thread_id: thread, seq, rev: seq, content: `number ${seq}` });
const rows = (): Record<string, Row[]> => ({
  messages: [1, 2, 3].map(said),
  threads: [{ _id: thread, last_seq: 3, floor_seq: 0 }],
  'odd/name': [{ _id: 'x', value: 1 }],
});

async function* raw(some: readonly Row[]): AsyncGenerator<Uint8Array> {
  for (const one of some) yield serialize(one);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield serialize({ _id: 1 });
  throw new Error('the store went away');
}

const sourceOf = (held: Record<string, Row[]>, over: Partial<BackupSource> = {}): BackupSource => ({
  state: async () => ({ history: 'ab'.repeat(12), migration: newestMigration }),
  collections: async () => Object.keys(held),
  documents: (name) => raw(held[name]!),
  heads: () => raw([{ _id: thread, last_seq: 3 }]),
  close: async () => undefined,
  ...over,
});

/** What was done to it, in order. */
class Target implements BackupTarget {
  readonly done: string[] = [];
  readonly rows: Record<string, Row[]> = {};
  constructor(private readonly there: string[] = []) {}
  held = async () => this.there;
  begin = async () => void this.done.push('begin');
  load = async (name: string, documents: AsyncIterable<Uint8Array>) => {
    this.done.push(name);
    const into: Row[] = [];
    this.rows[name] = into;
    for await (const one of documents) into.push(deserialize(one));
  };
  finish = async () => {
    this.done.push('finish');
    return { history: 'cd'.repeat(12), threads: 0, filled: 0, changed: [] };
  };
  close = async () => undefined;
}

const nobody = { read: async () => ({ version: 0, members: [], claims: new Map() }) };

let dir: string;
let out: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-backup-'));
  out = join(dir, 'backups', 'one');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const take = (source: BackupSource, secrets: Secrets | null = null) => takeBackup({ source, out, secrets, now: () => 1_700_000_000_000 });
const check = () => checkBackup(out, openBackup(out));

describe('a backup that was taken', () => {
  test('is whole, and its owner alone may read any of it', async () => {
    const manifest = await take(sourceOf(rows()), { 'metrics-token': 'a' });
    expect(openBackup(out)).toEqual(manifest);
    expect(await check()).toEqual([]);
    expect(statSync(out).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(out)) expect({ name, mode: statSync(join(out, name)).mode & 0o777 }).toEqual({ name, mode: 0o600 });
  });

  test('writes over nothing', async () => {
    mkdirSync(out, { recursive: true });
    await expect(take(sourceOf(rows()))).rejects.toThrow('is there already');
    expect(readdirSync(out)).toEqual([]);
  });

  test('leaves nothing when the store fails, and what a crash has left is never taken for one', async () => {
    await expect(take(sourceOf(rows(), { documents: broken }))).rejects.toThrow('the store went away');
    expect(readdirSync(join(dir, 'backups'))).toEqual([]);
    mkdirSync(`${out}.partial`);
    await expect(take(sourceOf(rows()))).rejects.toThrow('another backup is at it, or was cut off');
    expect(() => openBackup(`${out}.partial`)).toThrow(NoBackup);
  });

  test('is none when a migration came between', async () => {
    let version = newestMigration;
    const moving = sourceOf(rows(), { state: async () => ({ history: null, migration: version++ }) });
    await expect(take(moving)).rejects.toThrow('migrated meanwhile');
    expect(existsSync(out)).toBe(false);
  });
});

describe('verify', () => {
  test('tells which files are not as they were', async () => {
    await take(sourceOf(rows()), { 'metrics-token': 'a' });
    rmSync(join(out, fileOf('threads')));
    writeFileSync(join(out, fileOf('odd/name')), readFileSync(join(out, fileOf('odd/name'))).subarray(0, -5));
    writeFileSync(join(out, 'secrets.json'), '{}');
    expect(await check()).toEqual([
      `${fileOf('threads')}: it is missing`,
      `${fileOf('odd/name')}: it is cut short`,
      'secrets.json: its SHA-256 is another than that in the manifest',
    ]);
  });

  test('tells of a document that cannot be read', async () => {
    const bad = Buffer.from(serialize({ _id: 'x', text: 'hello' }));
    bad[4] = 0x7e;
    await take(sourceOf(rows(), { documents: (name) => (name === 'messages' ? each([bad]) : raw(rows()[name] ?? [])) }));
    expect(await check()).toEqual([expect.stringContaining(`${fileOf('messages')}: `)]);
  });

  test('tells of messages that were there at the beginning and are missing', async () => {
    const held = rows();
    held.messages!.splice(1, 1);
    await take(sourceOf(held));
    expect(await check()).toEqual([
      `thread ${thread.toHexString()} lacks 1 of its messages up to number 3, which was there at the beginning`,
    ]);
  });

  test('says what is no backup', () => {
    expect(() => openBackup(out)).toThrow('there is no folder');
    mkdirSync(out, { recursive: true });
    expect(() => openBackup(out)).toThrow(`has no ${manifestFile}`);
  });
});

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('restore', () => {
  const back = (target: Target, over: Partial<Parameters<typeof bringBack>[0]> = {}) =>
    bringBack({ folder: out, target, slots: nobody, dataDir: dir, replace: false, withSecrets: true, ...over });

  test('writes all of it, and the secrets, between its beginning and its end', async () => {
    const held = rows();
    await take(sourceOf(held), { 'metrics-token': 'a' });
    const target = new Target();
    expect(await back(target)).toMatchObject({ history: 'cd'.repeat(12), secrets: ['metrics-token'] });
    expect(target.done).toEqual(['begin', ...Object.keys(held), 'finish']);
    expect(target.rows).toEqual(held);
    expect(readFileSync(join(dir, 'metrics-token'), 'utf8')).toBe('a');
  });

  test.each<[string, string, (target: Target) => Promise<unknown>]>([
    ['into a store that is not empty', '--replace takes away all', async () => back(new Target(['members']))],
    [
      'under living nodes, whatever is wanted',
      'these nodes are running on the store: n1:a',
      async (target) => {
        const slots = { read: async () => ({ version: 1, members: [{ instance: 'n1:a' } as never], claims: new Map() }) };
        return back(target, { slots, replace: true });
      },
    ],
    [
      'when Redis cannot say whether nodes live',
      'Redis cannot be asked',
      async (target) => back(target, { slots: { read: () => Promise.reject(new Error('refused')) }, replace: true }),
    ],
    [
      'what is damaged',
      'the backup is damaged:\n  ',
      async (target) => {
        rmSync(join(out, fileOf('threads')));
        return back(target, { replace: true });
      },
    ],
    [
      'over other secrets',
      'has other secrets (metrics-token)',
      async (target) => {
        writeFileSync(join(dir, 'metrics-token'), 'other');
        return back(target);
      },
    ],
  ])('is refused %s, and nothing is changed', async (_where, why, run) => {
    await take(sourceOf(rows()), { 'metrics-token': 'a' });
    const target = new Target();
    const ended = run(target);
    await expect(ended).rejects.toThrow(Refused);
    await expect(ended).rejects.toThrow(why);
    expect(target.done).toEqual([]);
  });

  test('what is of a newer release is refused', async () => {
    await take(sourceOf(rows(), { state: async () => ({ history: null, migration: newestMigration + 1 }) }));
    const target = new Target();
    await expect(back(target, { replace: true })).rejects.toThrow(`at version ${newestMigration + 1}, this code knows ${newestMigration}`);
    expect(target.done).toEqual([]);
  });

  test('other secrets are left as they are, or written over, as is wanted', async () => {
    await take(sourceOf(rows()), { 'metrics-token': 'a' });
    writeFileSync(join(dir, 'metrics-token'), 'other');
    await back(new Target(), { withSecrets: false });
    expect(readFileSync(join(dir, 'metrics-token'), 'utf8')).toBe('other');
    await back(new Target(['members']), { replace: true });
    expect(readFileSync(join(dir, 'metrics-token'), 'utf8')).toBe('a');
  });
});
