import { createServer } from 'node:net';

/** The port, or the system's code of why not. */
const tryListen = (port: number, host?: string): Promise<number | string> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });

/** Why no server could listen there now, on loopback and on every address, in words that say what to do; undefined when one could. */
export const portProblem = async (port: number): Promise<string | undefined> => {
  for (const host of ['127.0.0.1', undefined]) {
    const code = await tryListen(port, host);
    if (code === 'EACCES') return `port ${port} is not for this user: give a --port of 1024 or more`;
    if (typeof code === 'string') return `port ${port} is taken (${code}); give another --port, or end the program that listens there`;
  }
  return undefined;
};

/** One that the system picks. */
export const freePort = async (): Promise<number> => {
  const port = await tryListen(0, '127.0.0.1');
  if (typeof port === 'string') throw new Error(`no port is free (${port})`);
  return port;
};
