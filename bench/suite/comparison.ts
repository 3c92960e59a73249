import { median } from './median.js';

/** What one take on one side gave. */
export interface Take {
  /** By name. */
  figures: Record<string, number | null>;
  /** Why it counts for nothing. */
  violations: readonly string[];
  notes?: readonly string[];
}

export interface Compared {
  figure: number | null;
  peer: number | null;
  /** What is to be said of takes of one side that differ; null when those of each agree within 10 %. */
  spread: string | null;
}

/**
 * The peer, ourselves, the peer again: what drifted meanwhile shows in the takes of the peer. Where single takes differ much, ourselves and
 * the peer once more. A side's figure is the median of its takes.
 */
export class Comparison {
  readonly #peers: readonly Take[];
  readonly #ours: readonly Take[];

  constructor(peers: readonly Take[], ...ours: readonly Take[]) {
    this.#peers = peers;
    this.#ours = ours;
  }

  static async run(peer: () => Promise<Take>, ours: () => Promise<Take>, turns = 1): Promise<Comparison> {
    const peers = [await peer()];
    const own: Take[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      own.push(await ours());
      peers.push(await peer());
    }
    return new Comparison(peers, ...own);
  }

  /** Ours alone: a peer that faltered is noted. */
  get violations(): readonly string[] {
    return [...new Set(this.#ours.flatMap(({ violations }) => violations))];
  }

  get notes(): string[] {
    const faltered = [...new Set(this.#peers.flatMap(({ violations }) => violations))];
    return [...new Set([...this.#ours, ...this.#peers].flatMap(({ notes }) => notes ?? []))].concat(
      faltered.length > 0 ? [`the peer faltered: ${faltered.join(', ')}`] : [],
    );
  }

  of(name: string): Compared {
    const valuesOf = (takes: readonly Take[]): number[] =>
      takes.map(({ figures }) => figures[name] ?? null).filter((value): value is number => value !== null);
    const peers = valuesOf(this.#peers);
    const ours = valuesOf(this.#ours);
    const spreads = [spreadOf("the peer's", peers), spreadOf('our', ours)].filter((spread) => spread !== null);
    return {
      // A take without the figure has failed, and so have the others.
      figure: ours.length < this.#ours.length ? null : median(ours),
      peer: median(peers),
      spread: spreads.length > 0 ? spreads.join(', ') : null,
    };
  }
}

const spreadOf = (whose: string, values: readonly number[]): string | null => {
  if (values.length < 2) return null;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const apart = (2 * (most - least)) / (most + least);
  return apart > 0.1 ? `${whose} ${values.length} takes are ${Math.round(apart * 100)} % apart` : null;
};
