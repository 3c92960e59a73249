/** `npm run build`: src/ to dist/ file by file, the gateway of the services, and the web page. Skips what is up to date. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type TransformResult, transform } from 'esbuild';
import { precompress } from './build/precompress.js';
import { buildViewers } from './build/viewers.js';
import { bundleGateway } from './services/documentdb/gateway-bundle.js';

const project = fileURLToPath(new URL('../', import.meta.url));

/** What of a folder is on the disk, with the time of its last change. */
const filesUnder = (folder: string): { path: string; changedAt: number }[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => ({ path, changedAt: statSync(path).mtimeMs }))
    : [];

/**
 * Each module of src/ becomes one of dist/, so that stack traces and worker paths keep their shape. An output whose source is gone is
 * removed: a module that no longer exists must not be importable. Answers how many were written.
 */
export const buildServer = async (): Promise<number> => {
  const source = join(project, 'src');
  const output = join(project, 'dist');
  const kept = new Set<string>();
  const changed = await Promise.all(
    filesUnder(source).map(async ({ path, changedAt }) => {
      const isModule = path.endsWith('.ts');
      const target = join(output, relative(source, path)).replace(/\.ts$/, '.js');
      kept.add(target);
      if (isModule) kept.add(`${target}.map`);
      if (existsSync(target) && statSync(target).mtimeMs > changedAt) return [];
      return [{ path, target, module: isModule ? await compile(path, target) : undefined }];
    }),
  );
  // All or nothing: a module that cannot be compiled leaves what was built before as it was.
  const written = changed.flat();
  for (const { path, target, module } of written) {
    mkdirSync(dirname(target), { recursive: true });
    if (module) writeModule(module, target);
    else copyFileSync(path, target);
  }
  for (const { path } of filesUnder(output)) if (!kept.has(path) && !isOther(relative(output, path))) rmSync(path);
  return written.length;
};

const compile = (source: string, target: string): Promise<TransformResult> =>
  transform(readFileSync(source, 'utf8'), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    sourcefile: relative(dirname(target), source),
  });

/** Renamed into place, so that a node that starts meanwhile never reads half a module. */
const writeModule = ({ code, map }: TransformResult, target: string): void => {
  writeFileSync(`${target}.map`, map);
  const fresh = `${target}.${process.pid}`;
  writeFileSync(fresh, `${code}//# sourceMappingURL=${basename(target)}.map\n`);
  renameSync(fresh, target);
};

/** What other steps put into dist/. */
const isOther = (path: string): boolean => ['web/', 'viewers/', 'services/'].some((folder) => path.startsWith(folder));

/**
 * The web page; answers whether it was built. The page uses the client, the protocol and the texts' parser: a change
 * there is one of it.
 */
export const buildWeb = async (): Promise<boolean> => {
  const root = join(project, 'web');
  if (!existsSync(join(root, 'index.html'))) return false;
  const output = join(project, 'dist', 'web');
  const page = join(output, 'index.html');
  const pack = (): Promise<void> => precompress(filesUnder(output).map(({ path }) => path));
  const sources = ['web', 'src/client', 'src/protocol', 'src/text'].flatMap((folder) => filesUnder(join(project, folder)));
  const newest = Math.max(...sources.map(({ changedAt }) => changedAt));
  if (existsSync(page) && statSync(page).mtimeMs > newest) {
    await pack();
    return false;
  }
  const config = ['vite.config.ts', 'web/vite.config.ts'].map((name) => join(project, name)).find((path) => existsSync(path));
  const { build } = await import('vite');
  // Vite sets NODE_ENV for its whole process; what is started after a build must not find itself in production.
  const environment = process.env.NODE_ENV;
  try {
    await build({ root, ...(config ? { configFile: config } : {}), logLevel: 'warn', build: { outDir: output, emptyOutDir: true } });
  } finally {
    if (environment === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = environment;
  }
  await pack();
  return true;
};

/** Without its page a server still serves its API: whoever only wants to run it may go on. */
export const buildAll = async (log: (line: string) => void, pageRequired = true): Promise<void> => {
  const started = performance.now();
  const [modules] = await Promise.all([buildServer(), bundleGateway(), buildViewers(join(project, 'dist', 'viewers'))]);
  const web = await buildWeb().catch((error: unknown) => {
    if (pageRequired) throw error;
    log(`build: the web page cannot be built, so there is none; npm run build says why`);
    return false;
  });
  const what = [modules > 0 ? `${modules} modules` : '', web ? 'web page' : ''].filter(Boolean).join(', ') || 'everything was up to date';
  log(`build: ${what} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await buildAll((line) => console.log(line)).catch((error: unknown) => {
    console.error(`build failed: ${(error as Error).message}`);
    process.exitCode = 1;
  });
}
