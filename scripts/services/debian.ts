import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { forEverybody } from './private-folder.js';
import { showProgress } from './progress.js';
import { findProgram, runProgram } from './shell.js';

/** Whether packages can be installed here without asking anybody. */
export const canInstallPackages = (): boolean => {
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return false;
  try {
    return /^ID=["']?debian["']?$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
};

const policyFile = '/usr/sbin/policy-rc.d';
const ourPolicy = '#!/bin/sh\n# Parley: no package may start its own server while it is being installed\nexit 101\n';
const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/**
 * Installs packages without letting them start a server of their own. A policy that is there already is left as it is; one of ours
 * that a crash left behind is taken away at the end of the next run.
 */
export const installPackages = async (packages: string[], log: (line: string) => void, expectedLines = 30): Promise<void> => {
  const ours = !existsSync(policyFile) || readFileSync(policyFile, 'utf8') === ourPolicy;
  if (ours) writeFileSync(policyFile, ourPolicy, { mode: 0o755 });
  const progress = showProgress(`installing ${packages.join(', ')} from Debian`, expectedLines, log);
  let lines = 0;
  const install = (): Promise<string> =>
    runProgram(...forEverybody('apt-get', ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...packages]), {
      env: environment,
      onLine: () => progress.at(++lines),
      ends: 'when it can',
    });
  try {
    // The package lists may be missing or old, and an installation that was torn off waits for its end: made good only when that shows.
    await install().catch(async () => {
      await runProgram(...forEverybody('dpkg', ['--configure', '-a']), { env: environment, ends: 'when it can' }).catch(() => undefined);
      await runProgram(...forEverybody('apt-get', ['update']), { env: environment });
      return install();
    });
  } finally {
    progress.end();
    if (ours) rmSync(policyFile, { force: true });
  }
};

/** Keeps a server that a package brought from starting with the machine. */
export const disableSystemService = async (name: string): Promise<void> => {
  if (existsSync('/run/systemd/system')) await runProgram('systemctl', ['disable', '--now', name]).catch(() => undefined);
};

/** The mirror that this machine's apt is set up with. */
export const debianMirror = async (): Promise<string> => {
  const targets = async (): Promise<string | undefined> => {
    const lines = (await runProgram('apt-get', ['indextargets', '--format', '$(ORIGIN)|$(LABEL)|$(REPO_URI)'])).split('\n');
    return lines.find((line) => line.startsWith('Debian|Debian|'))?.split('|')[2];
  };
  const known = await targets();
  if (known) return known;
  await runProgram(...forEverybody('apt-get', ['update']), { env: environment });
  const found = await targets();
  if (!found) throw new Error('apt knows no Debian mirror');
  return found;
};
