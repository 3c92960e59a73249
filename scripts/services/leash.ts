import { existsSync } from 'node:fs';

const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
/** Whoever started us may have died before the system was told to tell us: then nobody is left to start for. */
const unlessOrphaned = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"';

/** The command under which a program gets the signal when we die, however we do. Where the system cannot do that, the program as it is. */
export const leash = (signal: 'TERM' | 'INT' | 'KILL', command: string, args: readonly string[]): [string, string[]] =>
  setpriv
    ? [setpriv, ['--pdeathsig', signal, 'sh', '-c', unlessOrphaned, 'sh', String(process.pid), command, ...args]]
    : [command, [...args]];
