import { type FaultName, faultKinds, faultNames } from './fault-names.js';
import { below, oneOf, type Random, randomOf, shuffled } from './random.js';

/** One step of a run: a fault, or near the end two at once. */
export interface Step {
  /** Seconds from the beginning of the load; a step that is late begins when the one before it has recovered. */
  at: number;
  faults: readonly { name: FaultName; node: number }[];
}

export interface ScheduleOptions {
  minutes: number;
  nodes: number;
  seed: number;
  faults: readonly FaultName[];
}

/** Before the first fault the undisturbed run is measured; after the last one it is seen to recover. */
const mostMargin = 20;
const margin = (seconds: number): number => Math.min(mostMargin, seconds / 6);
/** To see a recovery, at least so much time lies between two steps. */
const shortestPause = 8;
const mostPairs = 3;
/** Two at once: of these one that takes a node or a service away … */
const grave: readonly FaultName[] = ['node-killed', 'node-paused', 'rolling-restart', 'redis-killed', 'redis-emptied', 'mongodb-killed'];
/** … and of these one that does not. */
const companions: readonly FaultName[] = ['latency', 'slow-readers', 'poison-messages', 'streams-trimmed', 'connections-reset'];

const cost = (names: readonly FaultName[]): number => Math.max(...names.map((name) => faultKinds[name].seconds)) + shortestPause;
const costOfAll = (names: readonly FaultName[]): number => names.reduce((sum, name) => sum + cost([name]), 0);

/** How long a run must be to hold each of these faults once, by itself. */
export const minutesFor = (names: readonly FaultName[]): number => {
  const needed = costOfAll(names);
  return (needed < 4 * mostMargin ? needed * 1.5 : needed + 2 * mostMargin) / 60;
};

/** Of all faults there are, those that a run with these steps does not hold. */
export const leftOut = (steps: readonly Step[]): FaultName[] => {
  const held = new Set(steps.flatMap(({ faults }) => faults.map(({ name }) => name)));
  return faultNames.filter((name) => !held.has(name));
};

/**
 * What happens when, decided by the seed alone. Faults asked for by name come in their order, as often as whole rounds fit; of the
 * full list as many as fit, each once by itself before any comes twice, then two at once. Named faults that do not fit are the
 * caller's to refuse (`minutesFor`).
 */
export const planSchedule = ({ minutes, nodes, seed, faults }: ScheduleOptions): Step[] => {
  const random = randomOf(seed);
  const seconds = minutes * 60;
  const all = faultNames.every((name) => faults.includes(name));
  const round = (): readonly FaultName[] => (all ? shuffled(random, faults) : faults);
  let left = seconds - 2 * margin(seconds);
  const picked: FaultName[][] = [];
  const take = (names: FaultName[], always = false): void => {
    if (cost(names) > left && !always) return;
    picked.push(names);
    left -= cost(names);
  };
  for (const name of round()) {
    if (all && faultKinds[name].long && seconds < 240) continue;
    take([name], !all);
  }
  const pairs: FaultName[][] = [];
  if (all && picked.length === faults.length) {
    for (const pair of pairsOf(random)) {
      if (cost(pair) > left) break;
      pairs.push(pair);
      left -= cost(pair);
    }
  }
  while (left >= costOfAll(faults)) for (const name of round()) take([name]);
  const steps = [...picked, ...pairs];
  const pause = shortestPause + Math.max(0, left) / Math.max(1, steps.length);
  let at = margin(seconds);
  return steps.map((names) => {
    const step: Step = { at: Math.round(at * 10) / 10, faults: names.map((name) => ({ name, node: below(random, nodes) })) };
    at += cost(names) - shortestPause + pause;
    return step;
  });
};

const pairsOf = (random: Random): FaultName[][] =>
  shuffled(random, grave)
    .slice(0, mostPairs)
    .map((name) => [name, oneOf(random, companions)]);
