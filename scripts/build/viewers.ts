import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { precompress } from './precompress.js';

const require = createRequire(import.meta.url);

/** Files of the pages that show the API's documents, by the address under which the server shows them. */
const files: Readonly<Record<string, string>> = {
  'docs/swagger-ui.css': require.resolve('swagger-ui-dist/swagger-ui.css'),
  'docs/swagger-ui-bundle.js': require.resolve('swagger-ui-dist/swagger-ui-bundle.js'),
  'docs/favicon-32x32.png': require.resolve('swagger-ui-dist/favicon-32x32.png'),
  'redoc/redoc.standalone.js': require.resolve('redoc/bundles/redoc.standalone.js'),
};

/** Takes them from their packages, which the built program does not need any more, and packs them. */
export const buildViewers = async (output: string): Promise<void> => {
  for (const [at, source] of Object.entries(files)) {
    const target = join(output, at);
    if (existsSync(target) && statSync(target).size === statSync(source).size && statSync(target).mtimeMs >= statSync(source).mtimeMs)
      continue;
    mkdirSync(dirname(target), { recursive: true });
    const fresh = `${target}.${process.pid}`;
    copyFileSync(source, fresh);
    renameSync(fresh, target);
  }
  await precompress(Object.keys(files).map((at) => join(output, at)));
};
