import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/services/ports.js';
import { ServiceProcess } from '../../scripts/services/service-process.js';
import { pin } from '../measure/cores.js';

export interface Prosody {
  port: number;
  pid: number;
  /** The host that anybody may enter, and the address of the service that has its rooms. */
  host: string;
  rooms: string;
  end(): Promise<void>;
}

const host = 'bench.example';
const rooms = `rooms.${host}`;

/** The version of Prosody, as Debian and others install it; null where there is none. */
export const prosodyVersion = async (): Promise<string | null> => {
  try {
    const { stdout } = await promisify(execFile)('prosodyctl', ['about']);
    return /^Prosody (\d\S*)/m.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
};

/** A chat server that is in wide use, with an archive of every room. `folder`: its own, gone with the run. */
export const startProsody = async (folder: string): Promise<Prosody> => {
  const port = await freePort();
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const config = join(folder, 'prosody.cfg.lua');
  writeFileSync(config, configOf(port, data, join(folder, 'prosody.pid')));
  const server = await ServiceProcess.start({
    command: 'prosody',
    args: ['-F', '--config', config],
    logFile: join(folder, 'prosody.log'),
    orphanSignal: 'TERM',
  });
  await pin(server.pid, 'server');
  return { port, pid: server.pid, host, rooms, end: () => server.stop([['SIGKILL', 5_000]]) };
};

/**
 * Occupants do not hear who else comes and goes, which is the square of their number; the rest is as it comes, with the archive on.
 * Text in JSON's quotes is text in Lua's.
 */
const configOf = (port: number, data: string, pidFile: string): string => `
run_as_root = true
data_path = ${JSON.stringify(data)}
pidfile = ${JSON.stringify(pidFile)}
log = { warn = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { ${port} }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
modules_enabled = { "saslauth", "disco" }
modules_disabled = { "s2s", "tls", "offline" }
VirtualHost "${host}"
  authentication = "anonymous"
Component "${rooms}" "muc"
  modules_enabled = { "muc_mam" }
  muc_log_by_default = true
  muc_room_locking = false
  muc_room_default_presence_broadcast = { visitor = false; participant = false; moderator = false }
`;
