import { existsSync } from 'node:fs';
import { canInstallPackages, installPackages } from './debian.js';
import { findProgram } from './shell.js';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser for the browser tests: CHROMIUM_PATH, the one on PATH, or Debian's. */
export const chromiumPath = async (log: (line: string) => void): Promise<string> => {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH is set, but there is no ${given}`);
    return given;
  }
  const found = onPath();
  if (found) return found;
  const advice = 'install Chromium (Debian: apt-get install chromium) or set CHROMIUM_PATH';
  if (!canInstallPackages()) throw new Error(`no Chromium on PATH; ${advice}`);
  await installPackages(['chromium'], log, 450).catch((error: unknown) => {
    throw new Error(`Chromium could not be installed (${(error as Error).message}); ${advice}`);
  });
  const installed = onPath();
  if (!installed) throw new Error(`the package brought no Chromium; ${advice}`);
  return installed;
};

const onPath = (): string | undefined => names.map(findProgram).find((path) => path !== undefined);
