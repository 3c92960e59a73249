import { newId } from '../../src/kernel/ids.js';

/** Communities of some of the members, with their threads. */
export interface Place {
  id: string;
  /** Members by number, from (inclusive) to (exclusive). */
  members: { from: number; to: number };
  threads: string[];
}

/** Who and what there is before the load comes. */
export interface Scene {
  members: number;
  places: Place[];
}

export const scene = (members: number, places: readonly { from: number; to: number; threads: number }[]): Scene => {
  const now = Date.now();
  return {
    members,
    places: places.map(({ from, to, threads }) => ({
      id: newId(now),
      members: { from, to },
      threads: Array.from({ length: threads }, () => newId(now)),
    })),
  };
};

/** All members in one community. */
export const oneCommunity = (members: number, threads: number): Scene => scene(members, [{ from: 0, to: members, threads }]);
