/** Where a service listens, in the shape that `net.connect` takes. */
export type Endpoint = { path: string } | { host: string; port: number };

/**
 * What the address of Redis or of a MongoDB-compatible server points at. Over a Unix socket Redis has the socket's path for an
 * address, as ioredis takes it, and MongoDB the escaped path in the place of the host, as its driver takes it.
 */
export const endpointOf = (url: string): Endpoint => {
  if (url.startsWith('/')) return { path: url.split('?')[0]! };
  const { protocol, hostname, port } = new URL(url);
  const host = decodeURIComponent(hostname);
  if (host.endsWith('.sock')) return { path: host };
  return { host, port: Number(port || (protocol === 'mongodb:' ? 27017 : 6379)) };
};

/** The same service behind a way that listens on this loopback port. */
export const throughPort = (url: string, port: number): string => {
  if (url.startsWith('/')) return `redis://127.0.0.1:${port}`;
  return url.replace(/^([a-z]+:\/\/(?:[^@/]*@)?)[^/?]*/, `$1127.0.0.1:${port}`);
};

/** The address of a server that speaks MongoDB's protocol on a Unix socket, for MongoDB's driver. */
export const mongoUrlOf = (socket: string, query: string): string => `mongodb://${encodeURIComponent(socket)}/?${query}`;
