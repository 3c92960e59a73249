import { createServer } from 'node:net';

const tryListen = (port: number, host?: string): Promise<number | undefined> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });

/** Whether a server could listen there now, on loopback and on every address. */
export const portIsFree = async (port: number): Promise<boolean> =>
  (await tryListen(port, '127.0.0.1')) !== undefined && (await tryListen(port)) !== undefined;

/** The wanted port when it is free, otherwise one that the system picks. */
export const freePort = async (wanted?: number): Promise<number> => {
  if (wanted !== undefined && (await portIsFree(wanted))) return wanted;
  const port = await tryListen(0, '127.0.0.1');
  if (port === undefined) throw new Error('no port is free');
  return port;
};

/** The port of a service of ours: the one asked for, which must be free, or one near its usual place. */
export const servicePort = async (service: string, wanted: number | undefined, usual: number): Promise<number> => {
  if (wanted === undefined) return freePort(usual);
  // Somebody else's server there would answer our questions as if it were ours.
  if (!(await portIsFree(wanted))) throw new Error(`port ${wanted}, wanted for ${service}, is taken`);
  return wanted;
};
