import { Fleet } from '../load/fleet.js';
import { untilQuiet } from '../measure/quiet.js';
import type { BenchServices } from '../servers/bench-services.js';
import type { Ground } from '../servers/ground.js';
import { startPeer } from '../servers/peer.js';
import type { PeerOptions } from '../servers/peer-options.js';
import type { Scene } from '../servers/scene.js';
import type { Chart } from './chart.js';

const quietMs = { full: 15_000, quick: 500 };

export interface StageOptions {
  services: BenchServices;
  quick: boolean;
  archive: string | null;
  onStep(label: string): void;
  onTell(label: string): void;
}

/** What a workload is played on. Servers and load of one scene end with it, however it ends. */
export class Stage {
  readonly services: BenchServices;
  readonly quick: boolean;
  /** A real archive to replay; null: none was given. */
  readonly archive: string | null;
  readonly charts: Chart[] = [];
  #noise = 0;
  readonly #onStep: (label: string) => void;
  readonly #onTell: (label: string) => void;
  #label = '';
  readonly #open = new Set<{ end(): Promise<void> }>();

  constructor({ services, quick, archive, onStep, onTell }: StageOptions) {
    this.services = services;
    this.quick = quick;
    this.archive = archive;
    this.#onStep = onStep;
    this.#onTell = onTell;
  }

  /** The full number, or the one for a quick run, which shows that everything works and nothing of speed. */
  pick<T>(full: T, quick: T): T {
    return this.quick ? quick : full;
  }

  step(label: string): void {
    this.#label = label;
    this.#onStep(label);
  }

  /** What the step does now, for whoever watches. */
  tell(what: string): void {
    this.#onTell(`${this.#label}: ${what}`);
  }

  chart(chart: Chart): void {
    this.charts.push(chart);
  }

  /** Plays on a peer, when the machine has become quiet. */
  onPeer<T>(options: PeerOptions, scene: Scene, play: (ground: Ground, fleet: Fleet) => Promise<T>, receivers = 2, nodes = 1): Promise<T> {
    return this.on(() => startPeer(this.services, options, scene, nodes), play, receivers);
  }

  /** The same on real nodes of ours. */
  onParley<T>(scene: Scene, play: (ground: Ground, fleet: Fleet) => Promise<T>, receivers = 2, nodes = 1): Promise<T> {
    return this.on(() => parley(this.services, scene, nodes), play, receivers);
  }

  /** What else was seen to work on this machine before a take began, to be noted. */
  get noises(): string[] {
    return this.#noise > 0 ? [`other load: up to ${Math.round(this.#noise * 100)} % of the machine`] : [];
  }

  /** Waits a bounded time until nothing else works on this machine; what still does is noted. */
  async untilQuiet(): Promise<void> {
    this.#noise = Math.max(this.#noise, await untilQuiet(this.pick(quietMs.full, quietMs.quick)));
  }

  /** Ends what is still open, for a run that is broken off. */
  async end(): Promise<void> {
    await Promise.all([...this.#open].map((part) => part.end()));
  }

  /** Plays on any server, when the machine has become quiet. */
  async on<T>(start: () => Promise<Ground>, play: (ground: Ground, fleet: Fleet) => Promise<T>, receivers = 2): Promise<T> {
    const parts: { end(): Promise<void> }[] = [];
    const opened = <P extends { end(): Promise<void> }>(part: P): P => {
      parts.unshift(part);
      this.#open.add(part);
      return part;
    };
    await this.untilQuiet();
    try {
      const ground = opened(await start());
      return await play(ground, opened(await Fleet.start(receivers)));
    } finally {
      for (const part of parts) {
        await part.end();
        this.#open.delete(part);
      }
    }
  }
}

/** Only when it is wanted: which build the nodes run is decided by then. */
const parley = async (services: BenchServices, scene: Scene, nodes: number): Promise<Ground> => {
  const { startParley } = await import('../servers/parley.js');
  return startParley(services, scene, nodes);
};
