import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const worthIt = /\.(?:js|css|html|svg|json|txt|webmanifest)$/;
/** What fits one packet of the network gains nothing. */
const leastBytes = 1_024;
/** The best that there is takes seconds for what is larger. */
const mostForBest = 500_000;

const packers: readonly [string, (bytes: Buffer) => Promise<Buffer>][] = [
  ['.gz', (bytes) => promisify(gzip)(bytes, { level: 9 })],
  [
    '.br',
    (bytes) =>
      promisify(brotliCompress)(bytes, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: bytes.length > mostForBest ? 9 : 11,
          [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
      }),
  ],
];

/**
 * Puts `FILE.br` and `FILE.gz` beside each file that gains by it, for the server to send as they are. What is up to date stays; renamed
 * into place, so that a node that runs meanwhile never sends half a file.
 */
export const precompress = async (files: readonly string[]): Promise<void> => {
  const worth = files.filter((file) => worthIt.test(file) && statSync(file).size >= leastBytes);
  await Promise.all(worth.flatMap((file) => packers.map(([ending, pack]) => one(file, `${file}${ending}`, pack))));
};

const one = async (file: string, packed: string, pack: (bytes: Buffer) => Promise<Buffer>): Promise<void> => {
  if (existsSync(packed) && statSync(packed).mtimeMs >= statSync(file).mtimeMs) return;
  const bytes = readFileSync(file);
  const small = await pack(bytes);
  if (small.length >= bytes.length) return rmSync(packed, { force: true });
  const fresh = `${packed}.${process.pid}`;
  writeFileSync(fresh, small);
  renameSync(fresh, packed);
};
