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
    // pg is CommonJS: it asks for Node's modules by `require`, and for pg-native, which is not installed, only when told to.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    external: ['pg-native'],
    target: 'node20',
    logLevel: 'silent',
  });
  renameSync(fresh, file);
  return file;
};
