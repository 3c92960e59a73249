import type { Random } from './random.js';
import type { StoreTrouble } from './sim-store.js';
import type { Conditions, World } from './world.js';

export const faultKinds = [
  'crash',
  'pause',
  'drain',
  'clock_jump',
  'redis_lost',
  'redis_away',
  'redis_away_one',
  'redis_slow',
  'redis_lost_replies',
  'store_away',
  'store_away_one',
  'store_slow',
  'store_lost_replies',
  'store_late_writes',
  'store_refuses',
  'partition',
  'fanout_loss',
  'fanout_doubles',
  'client_cut',
  'client_half_open',
  'all_clients_cut',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface PlannedFault {
  kind: FaultKind;
  /** When it begins, and for how long it lasts, ms. */
  at: number;
  forMs: number;
  node: string;
  /** Between 0 and 1; what it means is the kind's affair. */
  amount: number;
}

/** A schedule of faults within the first `withinMs`. */
export const planFaults = (random: Random, nodes: readonly string[], withinMs: number): PlannedFault[] =>
  Array.from({ length: random.int(2, 9) }, () => ({
    kind: random.pick(faultKinds),
    at: random.between(0, withinMs),
    forMs: random.chance(0.3) ? random.between(50, 1_500) : random.between(1_500, 14_000),
    node: random.pick(nodes),
    amount: random.next(),
  })).sort((a, b) => a.at - b.at);

/** What ends a fault; undefined when it could not be brought about (its node is down already, nobody is connected). */
type End = (() => void) | undefined;

type Bring = (world: World, fault: PlannedFault) => End;

const onNode =
  (change: (conditions: Conditions, sign: 1 | -1, fault: PlannedFault) => void, all: boolean): Bring =>
  (world, fault) => {
    const names = all ? world.nodeNames : [fault.node];
    const apply = (sign: 1 | -1): void => {
      for (const name of names) {
        change(world.conditions.get(name) as Conditions, sign, fault);
        world.applyConditions(name);
      }
    };
    apply(1);
    return () => apply(-1);
  };

/** Every node's way to the store, and the worker's. */
const onStore =
  (change: (trouble: StoreTrouble, sign: 1 | -1, fault: PlannedFault) => void): Bring =>
  (world, fault) => {
    const troubles = [world.workerTrouble, ...[...world.conditions.values()].map((conditions) => conditions.store)];
    for (const trouble of troubles) change(trouble, 1, fault);
    return () => {
      for (const trouble of troubles) change(trouble, -1, fault);
    };
  };

const crash: Bring = (world, { node: name }) => {
  const node = world.nodes.get(name);
  if (!node || node.process.dead) return undefined;
  node.process.kill();
  return () => void world.startNode(name);
};

const drain: Bring = (world, { node: name }) => {
  const node = world.nodes.get(name);
  if (!node?.listening || node.process.dead || node.draining) return undefined;
  void node.drain();
  return () => {
    // Out of patience, whoever runs it kills it.
    node.process.kill();
    void world.startNode(name);
  };
};

const pause: Bring = (world, { node: name }) => {
  const process = world.nodes.get(name)?.process;
  if (!process || process.dead || process.paused) return undefined;
  process.pause();
  return () => process.resume();
};

/** Restarted without its data: connections break, leases, claims, epochs and inboxes are gone. */
const redisLost: Bring = (world) => {
  const names = world.nodeNames;
  const cut = (by: 1 | -1): void => {
    for (const name of names) {
      (world.conditions.get(name) as Conditions).redisCuts += by;
      world.applyConditions(name);
    }
  };
  cut(1);
  const held = [...world.cluster.leases.keys()];
  world.cluster.wipe();
  world.activations.leasesLost(held);
  return () => cut(-1);
};

const clients =
  (choose: (world: World, fault: PlannedFault) => { cut(clientMs: number, serverMs: number): void }[], serverMs: number): Bring =>
  (world, fault) => {
    const chosen = choose(world, fault);
    if (chosen.length === 0) return undefined;
    for (const connection of chosen) connection.cut(Math.min(fault.forMs, serverMs), serverMs * fault.amount);
    return () => undefined;
  };

const oneDevice = (world: World, { amount }: PlannedFault) => [
  ...(world.devices[Math.floor(amount * world.devices.length)]?.connections ?? []),
];
const devicesOf = (world: World, { node }: PlannedFault) =>
  world.devices.flatMap((device) => [...device.connections].filter(({ origin }) => origin === `http://${node}`));

const bring: Record<FaultKind, Bring> = {
  crash,
  pause,
  drain,
  clock_jump: onNode((c, sign, { amount }) => {
    c.wallOffset += sign * Math.round((amount - 0.5) * 60_000);
  }, false),
  redis_lost: redisLost,
  redis_away: onNode((c, sign) => {
    c.redisCuts += sign;
  }, true),
  redis_away_one: onNode((c, sign) => {
    c.redisCuts += sign;
  }, false),
  redis_slow: onNode((c, sign, { amount }) => {
    c.redisSlowMs += sign * Math.round(amount * 600);
  }, true),
  redis_lost_replies: onNode((c, sign, { amount }) => {
    c.redisLostReplies = sign > 0 ? 0.3 * amount : 0;
  }, false),
  store_away: onStore((t, sign) => {
    t.away += sign;
  }),
  store_away_one: onNode((c, sign) => {
    c.store.away += sign;
  }, false),
  store_slow: onStore((t, sign, { amount }) => {
    t.slowMs += sign * Math.round(amount * 2_000);
  }),
  store_lost_replies: onStore((t, sign, { amount }) => {
    t.lostReplies = sign > 0 ? 0.7 * amount : 0;
  }),
  store_late_writes: onStore((t, sign, { amount }) => {
    t.late = sign > 0 ? 0.5 * amount : 0;
  }),
  store_refuses: onStore((t, sign, { amount }) => {
    t.refused = sign > 0 ? 0.7 * amount : 0;
  }),
  partition: onNode((c, sign) => {
    c.redisCuts += sign;
    c.store.away += sign;
  }, false),
  fanout_loss: (world, { amount }) => {
    world.bus.loss = amount;
    return () => {
      world.bus.loss = 0;
    };
  },
  fanout_doubles: (world, { amount }) => {
    world.bus.doubles = 0.5 * amount;
    return () => {
      world.bus.doubles = 0;
    };
  },
  client_cut: clients(oneDevice, 200),
  client_half_open: clients(oneDevice, 20_000),
  all_clients_cut: clients(devicesOf, 500),
};

/** Brings faults about as planned, and ends those that still last when the run is to become quiet. */
export class Faults {
  readonly #world: World;
  readonly #lasting = new Set<() => void>();
  /** How often each kind took place. */
  readonly counts: Partial<Record<FaultKind, number>> = {};

  constructor(world: World, plan: readonly PlannedFault[]) {
    this.#world = world;
    for (const fault of plan) world.time.after(fault.at, () => this.#begin(fault));
  }

  /** From here on nothing is wrong any more. */
  endAll(): void {
    for (const end of [...this.#lasting]) end();
  }

  #begin(fault: PlannedFault): void {
    const { recorder, time } = this.#world;
    const over = bring[fault.kind](this.#world, fault);
    if (!over) return;
    this.counts[fault.kind] = (this.counts[fault.kind] ?? 0) + 1;
    recorder.record({ kind: 'fault', name: fault.kind, phase: 'begin', detail: `${fault.node} ${fault.amount.toFixed(2)}` });
    const end = (): void => {
      if (!this.#lasting.delete(end)) return;
      over();
      recorder.record({ kind: 'fault', name: fault.kind, phase: 'end', detail: fault.node });
    };
    this.#lasting.add(end);
    time.after(fault.forMs, end);
  }
}
