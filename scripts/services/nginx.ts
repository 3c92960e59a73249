import { canInstallPackages, disableSystemService, installPackages } from './debian.js';
import { findProgram } from './shell.js';

/** nginx for the tests of the shipped file: the one on PATH, or Debian's. Undefined where neither can be had. */
export const nginxPath = async (log: (line: string) => void): Promise<string | undefined> => {
  const found = findProgram('nginx');
  if (found || !canInstallPackages()) return found;
  try {
    await installPackages(['nginx-light'], log);
    await disableSystemService('nginx');
  } catch (error) {
    log(`nginx could not be installed: ${(error as Error).message}`);
  }
  return findProgram('nginx');
};
