import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { endpointOf, throughPort } from '../../../scripts/services/endpoint.js';

/** A way to Redis that can be cut and mended. */
export class RedisProxy {
  readonly #redisUrl: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #cut = false;
  /** While set, connections stay open but nothing passes. */
  stalled = false;

  private constructor(redisUrl: string) {
    this.#redisUrl = redisUrl;
    this.#server = createServer((near) => {
      if (this.#cut) {
        near.destroy();
        return;
      }
      const far = connect(endpointOf(redisUrl));
      const pass = (from: Socket, to: Socket): void => {
        this.#open.add(from);
        from.on('data', (bytes) => {
          if (!this.stalled) to.write(bytes);
        });
        from.on('error', () => undefined);
        from.on('close', () => {
          this.#open.delete(from);
          to.destroy();
        });
      };
      pass(near, far);
      pass(far, near);
    });
  }

  static async before(redisUrl: string): Promise<RedisProxy> {
    const proxy = new RedisProxy(redisUrl);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return throughPort(this.#redisUrl, (this.#server.address() as AddressInfo).port);
  }

  cut(): void {
    this.#cut = true;
    for (const socket of this.#open) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
