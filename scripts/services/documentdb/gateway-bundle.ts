import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The gateway's program as one file, so that its process starts fast. Written beside and renamed: several starts may do so at once. */
export const bundleGateway = async (): Promise<string> => {
  const folder = fileURLToPath(new URL('../../../dist/services/', import.meta.url));
  const file = join(folder, 'documentdb-gateway.js');
  const fresh = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL('./gateway.ts', import.meta.url))],
    outfile: fresh,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
  });
  renameSync(fresh, file);
  return file;
};
