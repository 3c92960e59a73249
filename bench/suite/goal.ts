import type { Row } from './workload.js';

/** What a ratio (or, `of: 'figure'`, our figure itself) must reach. */
export type Goal = { atLeast: number; of?: 'ratio' | 'figure' } | { atMost: number; of?: 'ratio' | 'figure' };

export const goalText = (goal: Goal): string => {
  const bound = 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
  return goal.of === 'figure' ? `${bound} itself` : bound;
};

/** Whether it holds; what could not be measured does not. */
export const holds = (goal: Goal, figure: number | null, ratio: number | null): boolean => {
  const value = goal.of === 'figure' ? figure : ratio;
  if (value === null || !Number.isFinite(value)) return false;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
};

export interface Measured {
  id: number;
  name: string;
  unit: string;
  figure: number | null;
  peer: number | null;
  goal?: Goal;
  /** Holes, duplicates and the like on our side: then the figure counts for nothing. */
  violations?: readonly string[];
  notes?: readonly (string | null | undefined)[];
}

/** The row of a measurement. */
export const rowOf = ({ id, name, unit, figure, peer, goal, violations = [], notes = [] }: Measured): Row => {
  const ours = violations.length > 0 ? null : figure;
  const ratio = ours === null || peer === null || peer === 0 ? null : ours / peer;
  const words = notes.filter((note): note is string => note !== null && note !== undefined && note !== '');
  if (violations.length > 0) words.unshift(`counts for nothing: ${violations.join(', ')}`);
  return {
    id,
    name,
    unit,
    figure: ours,
    peer,
    ratio,
    goal: goal ? goalText(goal) : null,
    held: goal ? holds(goal, ours, ratio) : null,
    note: words.join('; '),
  };
};
