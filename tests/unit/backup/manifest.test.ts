import { expect, test } from '@jest/globals';
import { fileOf, type Manifest, manifestText, NoBackup, parseManifest } from '../../../scripts/backup/manifest.js';

const packed = { documents: 3, bytes: 100, sha256: 'ab'.repeat(32) };
const manifest: Manifest = {
  format: 'parley-backup',
  version: 1,
  history: '65a1b2c3d4e5f60718293a4b',
  begun_at: '2026-01-31T12:00:00.000Z',
  ended_at: '2026-01-31T12:00:05.000Z',
  migration: 11,
  collections: [{ name: 'messages', ...packed }],
  heads: packed,
  secrets: { names: ['secrets.json'], bytes: 10, sha256: packed.sha256 },
};

test('comes back as it was written', () => {
  expect(parseManifest(manifestText(manifest))).toEqual(manifest);
  expect(parseManifest(manifestText({ ...manifest, history: null, secrets: null }))).toMatchObject({ history: null, secrets: null });
});

test.each([
  ['what is cut short', manifestText(manifest).slice(0, -30), 'is not JSON'],
  ['what is of something else', '{"format":"other","version":1}', 'not that of a backup of Parley'],
  ['nothing at all', 'null', 'not that of a backup of Parley'],
  ['another format', JSON.stringify({ ...manifest, version: 2 }), 'the backup has format 2, this release knows 1'],
  ['a field that is not known', JSON.stringify({ ...manifest, more: 1 }), 'is damaged'],
  ['a hash that is none', JSON.stringify({ ...manifest, heads: { ...packed, sha256: 'x' } }), 'is damaged: heads.sha256 must be a SHA-256'],
  ['a count below nothing', JSON.stringify({ ...manifest, heads: { ...packed, documents: -1 } }), 'is damaged: heads.documents'],
  [
    'a collection twice',
    JSON.stringify({ ...manifest, collections: [...manifest.collections, ...manifest.collections] }),
    'names messages twice',
  ],
])('refuses %s', (_what, text, why) => {
  expect(() => parseManifest(text)).toThrow(NoBackup);
  expect(() => parseManifest(text)).toThrow(why);
});

test.each(['../../etc/passwd', '..', 'a/b', 'a\\b', 'fs.chunks', 'ä', '/'])(
  'the file of a collection called %s lies in the folder',
  (name) => {
    expect(fileOf(name)).toMatch(/^collection-[A-Za-z0-9_.!~*'()%-]+\.bson\.gz$/);
    expect(fileOf(name)).not.toContain('/');
  },
);
