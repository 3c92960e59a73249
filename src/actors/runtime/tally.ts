import type { ErrorCode } from '../../kernel/errors.js';
import type { Telemetry } from '../../kernel/telemetry.js';

export type Route = 'local' | 'remote';
export type Outcome = 'ok' | ErrorCode;

/**
 * Counts kept as plain numbers on the hot path and moved into the metrics at every sweep: a labelled counter costs about as
 * much as a turn. So a metric may lag by one sweep, and what was counted since the last sweep is lost in a crash.
 */
export class Tally {
  readonly #telemetry: Telemetry;
  readonly #asks: Record<Route, Map<Outcome, number>> = { local: new Map(), remote: new Map() };
  readonly #turns = new Map<string, number>();
  /** The commonest of all, apart. */
  localOk = 0;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  ask(route: Route, outcome: Outcome): void {
    if (route === 'local' && outcome === 'ok') {
      this.localOk++;
      return;
    }
    const counts = this.#asks[route];
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }

  turns(kind: string, count: number): void {
    if (count > 0) this.#turns.set(kind, (this.#turns.get(kind) ?? 0) + count);
  }

  flush(): void {
    if (this.localOk > 0) this.#telemetry.asks.inc({ route: 'local', outcome: 'ok' }, this.localOk);
    this.localOk = 0;
    for (const route of ['local', 'remote'] as const) {
      for (const [outcome, count] of this.#asks[route]) this.#telemetry.asks.inc({ route, outcome }, count);
      this.#asks[route].clear();
    }
    for (const [kind, count] of this.#turns) this.#telemetry.turns.inc({ kind }, count);
    this.#turns.clear();
  }
}
