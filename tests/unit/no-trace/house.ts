import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Gone } from '../../../src/actors/domain/ports.js';
import { LocalActorSystem } from '../../../src/actors/runtime/local-system.js';
import { collectionsOf } from '../../../src/catalogue/assembled.js';
import type { Operation } from '../../../src/catalogue/operation.js';
import { features } from '../../../src/features/index.js';
import { unlimitedGuesses } from '../../../src/gateway/limits/guesses.js';
import { noLimits } from '../../../src/gateway/limits/limiter.js';
import { noShedding } from '../../../src/gateway/limits/overload.js';
import { FakeClock } from '../../../src/kernel/clock.js';
import { seedIds } from '../../../src/kernel/ids.js';
import { createLogger } from '../../../src/kernel/logger.js';
import { Telemetry } from '../../../src/kernel/telemetry.js';
import { compose } from '../../../src/roles/compose.js';
import { peopleAuth } from '../../../src/roles/people-auth.js';
import { peopleDoors } from '../../../src/roles/people-doors.js';
import type { Store } from '../../../src/store/contracts.js';
import { createMemoryStore } from '../../../src/store/memory/store.js';
import { Notifier } from '../../../src/workers/notify.js';
import { Purge } from '../../../src/workers/purge.js';
import { SearchIndex } from '../../../src/workers/search-index.js';
import { Visitor } from '../../../src/workers/visit.js';
import { secret } from '../gateway/people.js';
import { LoopBus } from '../gateway-socket/loop-channels.js';
import { counted } from './counted.js';

const require = createRequire(import.meta.url);
// Socket.IO's own maker of socket ids, on which hangs when a device is told with others.
const { base64id } = require(join(dirname(require.resolve('socket.io')), 'contrib/base64id.js')) as { base64id: { generateId(): string } };
const { generateId } = base64id;

const silent = createLogger({ level: 'silent', node: 'test' });

/** Bytes that follow from a name. */
const bytesFrom = (name: string): ((count: number) => Buffer) => {
  let drawn = 0;
  return (count) => createHash('shake256', { outputLength: count }).update(`${name} ${drawn++}`).digest();
};

/**
 * A whole server in this process, without Redis or MongoDB: both doors of sockets and REST, the real actors, the workers' own logic, the
 * store's twin. Time stands still but between acts; ids and times follow from the names of acts. So two houses in which the same acts were
 * carried out, and some more in one of them, have the same ids and times for what they share: nothing has to be made alike.
 */
export class House {
  readonly clock = new FakeClock();
  /** Calls to the store since they were cleared, by name. The workers', who come later, are not among them. */
  readonly calls = new Map<string, number>();
  readonly operations: readonly Operation[] = features.flatMap((feature) => feature.operations.map(({ operation }) => operation));
  url = '';
  #stop: () => Promise<void> = async () => undefined;
  #total = 0;
  readonly #store: Store;
  readonly #changed = new Set<string>();
  readonly #gone: Gone[] = [];
  #visitors: Visitor[] = [];
  #purge: Purge | undefined;

  private constructor() {
    this.name('a house');
    this.#store = createMemoryStore({ clock: this.clock, collections: collectionsOf(features) });
  }

  static async open(): Promise<House> {
    const house = new House();
    await house.#open();
    return house;
  }

  async #open(): Promise<void> {
    const { clock } = this;
    const telemetry = new Telemetry();
    const tools = { clock, logger: silent, telemetry };
    const http = {
      ...{ publicUrl: null, corsOrigins: [], trustProxy: 0, forwardedHeader: null, allowedHosts: [], host: '127.0.0.1' },
      ...{ metricsToken: null, webRoot: 'does-not-exist', port: 0 },
    };
    const auth = {
      ...{ secret, previousSecret: null, accessSeconds: 86_400, refreshDays: 30, sessionDays: 90, admins: [] },
      ...{ signUp: 'open' as const, reopenDays: 30 },
    };
    const { parts, actors } = compose({
      ...{ name: 'test', ...tools },
      store: counted(this.#store, (name) => {
        this.#total++;
        this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
      }),
      bounds: () => ({ shedder: noShedding, limiter: noLimits, guesses: unlimitedGuesses }),
      live: () => ({ channels: new LoopBus().join(), prefix: 'p' }),
      nudge: () => ({ changed: (thread) => void this.#changed.add(thread), deleted: (what) => void this.#gone.push(what) }),
      actors: (list, { kinds }) => {
        const system = new LocalActorSystem({ kinds, ...tools });
        list.use({ name: 'actors', stop: () => system.stop() });
        return { system };
      },
      people: peopleAuth({ config: { auth } }),
      doors: (list, house) => {
        const doors = peopleDoors({ config: { http, limits: { enabled: false } }, readiness: async () => ({ ok: true }) })(list, house);
        const { listen } = doors;
        return {
          ...doors,
          listen: async () => {
            await listen();
            this.url = `http://127.0.0.1:${(doors.http.address() as AddressInfo).port}`;
            this.#stop = async () => {
              doors.http.closeAllConnections();
              await parts.stop();
            };
          },
        };
      },
    });
    this.#purge = new Purge(this.#store, silent, actors);
    this.#visitors = [new SearchIndex(this.#store), new Notifier(this.#store, actors, clock)].map(
      (follower) => new Visitor(this.#store, follower, clock),
    );
    await parts.start();
  }

  async close(): Promise<void> {
    let isStopped = false;
    const stopped = this.#stop().finally(() => {
      isStopped = true;
    });
    // Stopping waits for those who are connected, on the clock.
    while (!isStopped) await this.clock.advance(1_000);
    await stopped;
    seedIds();
    base64id.generateId = generateId;
  }

  /** From here on ids and tokens follow from this name. */
  name(act: string): void {
    seedIds(bytesFrom(act));
    const ofSocket = bytesFrom(`${act} socket`);
    base64id.generateId = () => ofSocket(15).toString('base64url');
  }

  /** Lets time pass, in steps in which connections are heard, and the workers do what there is to do. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1_000) {
      this.name(`at ${this.clock.now()}`);
      await this.clock.advance(Math.min(left, 1_000));
      await this.quiet();
      await this.#work();
    }
  }

  /** Until nothing is under way any more. */
  async quiet(): Promise<void> {
    for (let still = 0, before = this.#total; still < 4; still = this.#total === before ? still + 1 : 0) {
      before = this.#total;
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #work(): Promise<void> {
    while (this.#changed.size + this.#gone.length > 0) {
      const [threads, gone] = [[...this.#changed], this.#gone.splice(0)];
      this.#changed.clear();
      for (const visitor of this.#visitors) await visitor.visit(threads);
      for (const what of gone) await this.#purge?.run(what);
      await this.quiet();
    }
  }
}
