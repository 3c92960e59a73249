import type { Allow } from './allow.js';
import { decide, type Standing } from './decide.js';

/** What an actor knows of who asks, beside how they stand. */
export interface Facts {
  member_id: string;
  /** Whether they made what it is about. */
  isAuthor?: boolean;
  /** Whether they administer the installation. */
  is_admin?: boolean | undefined;
}

/** Returns when they may; else throws the refusal that they hear. For actors, in the turn that commits. `now` in ms. */
export const authorise = (rule: Allow, standing: Standing, { is_admin = false, ...facts }: Facts, now: number): void => {
  const refusal = decide(rule, { is_admin, ...facts }, standing, {}, now);
  if (refusal) throw refusal;
};
