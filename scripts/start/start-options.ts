import { parseArgs } from 'node:util';

export interface StartOptions {
  nodes: number;
  port: number;
  dataDir: string;
}

/** The arguments make no sense; the message is for the person who gave them. */
export class BadArguments extends Error {}

export const startHelp = `Starts Parley: its services (Redis, MongoDB) and its nodes. Ctrl-C stops all of it; the data stays.

  npm start -- [--nodes N] [--port P] [--data-dir DIR]

  --nodes N       how many nodes, 1 to 32 (default 1)
  --port P        the first node's port; the others follow it (default PORT, or 3000)
  --data-dir DIR  where data, logs and secrets are kept (default .parley)
  --help          this text

  Without a terminal (a service, nohup), SIGHUP to the supervisor (its pid is printed, and in DIR/run.json) builds
  what has changed and restarts the nodes one by one, with clients on. In a terminal SIGHUP stops everything: that is
  what a terminal sends when it closes. SIGTERM always stops everything.

  REDIS_URL, MONGODB_URL  use these servers instead of starting some
  JWT_SECRET              signs tokens; otherwise one is made and kept in DIR/secrets.json
  METRICS_TOKEN           reads /metrics; otherwise one is made and kept in DIR/metrics-token
  All other environment variables reach the nodes as they are.`;

const maxNodes = 32;

/** Undefined: help was asked for. */
export const parseStartArguments = (args: string[], env: NodeJS.ProcessEnv = {}): StartOptions | undefined => {
  const { values } = parse(args);
  if (values.help) return undefined;
  const nodes = wholeNumber('--nodes', values.nodes, 1, 1, maxNodes);
  const inEnv = wholeNumber('PORT', env.PORT || undefined, 3000, 1, 65_535);
  const port = wholeNumber('--port', values.port, inEnv, 1, 65_535);
  if (port + nodes - 1 > 65_535) throw new BadArguments(`${nodes} nodes do not fit between port ${port} and 65535`);
  const dataDir = values['data-dir'] ?? '.parley';
  if (dataDir === '') throw new BadArguments('--data-dir needs a folder');
  if (dataDir.includes('\0')) throw new BadArguments('--data-dir is no path');
  return { nodes, port, dataDir };
};

const parse = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        nodes: { type: 'string' },
        port: { type: 'string' },
        'data-dir': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new BadArguments((error as Error).message.split('. ')[0]);
  }
};

const wholeNumber = (name: string, text: string | undefined, standard: number, least: number, most: number): number => {
  if (text === undefined) return standard;
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new BadArguments(`${name} must be a whole number from ${least} to ${most}, not '${text}'`);
  return value;
};
