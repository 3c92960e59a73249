import { z } from 'zod';

/** What a backup says of itself: `manifest.json`, written last. */

/** Of the layout of files and of the manifest. Whoever reads another one says so and does nothing. */
export const formatVersion = 1;
export const manifestFile = 'manifest.json';
export const headsFile = 'thread-heads.bson.gz';
export const secretsFile = 'secrets.json';

/** A collection may be called anything; a file may not. */
export const fileOf = (collection: string): string => `collection-${encodeURIComponent(collection)}.bson.gz`;

const whole = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256, in hex');
/** `bytes` and `sha256` are of the file as it lies there, packed. */
const packed = z.strictObject({ documents: whole, bytes: whole, sha256 });
const history = z.string().regex(/^[0-9a-f]{24}$/);

const schema = z.strictObject({
  format: z.literal('parley-backup'),
  version: z.literal(formatVersion),
  /** Of the store that was read; null: of a release that gave it no name. */
  history: history.nullable(),
  /** What is stored by `begun_at` is there; what changed by `ended_at` may be there in its later state. */
  begun_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  /** The version of the database. */
  migration: whole,
  /** In the order in which they were read. */
  collections: z.array(packed.extend({ name: z.string().min(1).max(255) })),
  /** How far the messages of each thread went at the beginning. */
  heads: packed,
  /** Null: they were left out, or there were none. */
  secrets: z.strictObject({ names: z.array(z.string()), bytes: whole, sha256 }).nullable(),
});
export type Manifest = z.infer<typeof schema>;
export type Packed = z.infer<typeof packed>;

/** The folder is no whole backup of a format that is known here; the message says why. */
export class NoBackup extends Error {}

const named = z.object({ format: z.literal('parley-backup'), version: z.int() });

/** Throws NoBackup. */
export const parseManifest = (text: string): Manifest => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new NoBackup(`${manifestFile} is not JSON: it is cut short or damaged`);
  }
  const kind = named.safeParse(json);
  if (!kind.success) throw new NoBackup(`${manifestFile} is not that of a backup of Parley`);
  const { version } = kind.data;
  if (version !== formatVersion) {
    throw new NoBackup(
      `the backup has format ${version}, this release knows ${formatVersion}: use the release that made it, or a later one`,
    );
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    throw new NoBackup(`${manifestFile} is damaged: ${first?.path.join('.') ?? ''} ${first?.message ?? ''}`);
  }
  const names = parsed.data.collections.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new NoBackup(`${manifestFile} is damaged: it names ${twice} twice`);
  return parsed.data;
};

export const manifestText = (manifest: Manifest): string => `${JSON.stringify(schema.parse(manifest), undefined, 2)}\n`;
