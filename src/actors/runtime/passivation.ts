import type { Activation } from './activation.js';

/** The activations that have been idle for at least their kind's time. */
export const idleSince = (activations: Iterable<Activation>, now: number): Activation[] => {
  const idle: Activation[] = [];
  for (const activation of activations) {
    if (now - activation.lastActive >= activation.kind.idleMs && activation.idle) idle.push(activation);
  }
  return idle;
};

/** The `count` activations that have been idle longest; fewer when fewer are idle. */
export const longestIdle = (activations: Iterable<Activation>, count: number): Activation[] => {
  if (count <= 0) return [];
  const idle: Activation[] = [];
  for (const activation of activations) if (activation.idle) idle.push(activation);
  idle.sort((a, b) => a.lastActive - b.lastActive);
  idle.length = Math.min(idle.length, count);
  return idle;
};
