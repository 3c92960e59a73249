import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Endpoint, endpointOf } from '../../scripts/services/endpoint.js';

/** The header of a message on MongoDB's wire: length, request id, answered id, kind. */
const headerBytes = 16;
const opMsg = 2013;
/** Behind the header: flags, kind of section, then the document's length and the type of its first field, whose name is the command. */
const nameAt = headerBytes + 4 + 1 + 4 + 1;

const commandOf = (message: Buffer): string | undefined => {
  if (message.readInt32LE(12) !== opMsg || message[headerBytes + 4] !== 0) return undefined;
  const name = message.toString('latin1', nameAt, message.indexOf(0, nameAt));
  // The first field's value is the collection, when it is a text.
  const isText = message[nameAt - 1] === 2;
  const valueAt = nameAt + name.length + 1 + 4;
  return isText ? `${name} ${message.toString('latin1', valueAt, message.indexOf(0, valueAt))}` : name;
};

/** A way to a MongoDB-compatible server that counts the commands which pass, by name and collection. */
export class CommandCount {
  readonly counts = new Map<string, number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: Endpoint) {
    this.#server = createServer((near) => {
      const far = connect(target);
      let rest = Buffer.alloc(0);
      near.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= headerBytes && rest.length >= rest.readInt32LE(0)) {
          const length = rest.readInt32LE(0);
          this.#count(commandOf(rest.subarray(0, length)));
          rest = rest.subarray(length);
        }
        far.write(chunk);
      });
      far.on('data', (chunk: Buffer) => near.write(chunk));
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  static async start(url: string): Promise<CommandCount> {
    const count = new CommandCount(endpointOf(url));
    await new Promise<void>((resolve) => count.#server.listen(0, '127.0.0.1', resolve));
    return count;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #count(command: string | undefined): void {
    if (command !== undefined) this.counts.set(command, (this.counts.get(command) ?? 0) + 1);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
