import { type FaultName, faultKinds, faultNames } from './fault-names.js';
import { below, oneOf, randomOf, shuffled } from './random.js';

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
const lead = (seconds: number): number => Math.min(20, seconds / 6);
const tail = (seconds: number): number => Math.min(20, seconds / 6);
/** To see a recovery, at least so much time lies between two steps. */
const shortestPause = 8;
/** From here on of the whole, some steps have two faults. */
const pairsFrom = 0.85;
/** What may happen together with anything: it takes neither a node nor a service away. */
const companions: readonly FaultName[] = faultNames.filter((name) =>
  [
    'latency',
    'slow-readers',
    'stalled-readers',
    'poison-messages',
    'poison-jobs',
    'overload',
    'streams-trimmed',
    'connections-reset',
  ].includes(name),
);

/**
 * What happens when, decided by the seed alone. Each fault comes once before any comes twice, as many as fit; a run that is too
 * short for all has a part of them.
 */
export const planSchedule = ({ minutes, nodes, seed, faults }: ScheduleOptions): Step[] => {
  const random = randomOf(seed);
  const seconds = minutes * 60;
  const room = seconds - lead(seconds) - tail(seconds);
  const cost = (name: FaultName): number => faultKinds[name].seconds + shortestPause;
  const all = faults.length === faultNames.length;
  const fits = faults.filter((name) => !all || !faultKinds[name].long || seconds >= 240);
  const picked: FaultName[] = [];
  let left = room;
  while (fits.length > 0) {
    const before = picked.length;
    for (const name of all ? shuffled(random, fits) : fits) {
      if (cost(name) > left && picked.length > 0) continue;
      picked.push(name);
      left -= cost(name);
    }
    // One round is enough of pauses; another only where there is room for all of it.
    if (picked.length === before || left < fits.reduce((sum, name) => sum + cost(name), 0)) break;
  }
  const pause = shortestPause + Math.max(0, left) / Math.max(1, picked.length);
  let at = lead(seconds);
  return picked.map((name) => {
    const step: Step = { at: Math.round(at * 10) / 10, faults: [{ name, node: below(random, nodes) }] };
    const others = companions.filter((other) => other !== name && faults.includes(other));
    if (at > pairsFrom * seconds && others.length > 0 && random() < 0.6)
      step.faults = [...step.faults, { name: oneOf(random, others), node: below(random, nodes) }];
    at += faultKinds[name].seconds + pause;
    return step;
  });
};
