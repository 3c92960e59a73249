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
  /** Mean of both takes. */
  peer: number | null;
  /** What is to be said of the two takes of the peer; null when they agree within 10 %. */
  spread: string | null;
}

/** The peer, ourselves, the peer again: what drifted meanwhile shows in the two takes of the peer. */
export class Comparison {
  readonly #peers: readonly Take[];
  readonly #ours: Take;

  constructor(peers: readonly Take[], ours: Take) {
    this.#peers = peers;
    this.#ours = ours;
  }

  static async run(peer: () => Promise<Take>, ours: () => Promise<Take>): Promise<Comparison> {
    const first = await peer();
    const own = await ours();
    return new Comparison([first, await peer()], own);
  }

  /** Ours alone: a peer that faltered is noted. */
  get violations(): readonly string[] {
    return this.#ours.violations;
  }

  get notes(): string[] {
    const faltered = [...new Set(this.#peers.flatMap(({ violations }) => violations))];
    return [...new Set([...(this.#ours.notes ?? []), ...this.#peers.flatMap(({ notes }) => notes ?? [])])].concat(
      faltered.length > 0 ? [`the peer faltered: ${faltered.join(', ')}`] : [],
    );
  }

  of(name: string): Compared {
    const values = this.#peers.map(({ figures }) => figures[name] ?? null).filter((value): value is number => value !== null);
    const peer = values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    return { figure: this.#ours.figures[name] ?? null, peer, spread: spreadOf(values) };
  }
}

const spreadOf = (values: readonly number[]): string | null => {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const apart = (Math.max(...values) - Math.min(...values)) / mean;
  return apart > 0.1 ? `the peer's two takes are ${Math.round(apart * 100)} % apart` : null;
};
