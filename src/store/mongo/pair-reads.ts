import type { Collection, Document, Filter, WithId } from 'mongodb';
import type { ReadBound } from './bound.js';
import { reading } from './faults.js';
import { oids } from './fields.js';
import { batchSize } from './point-reads.js';

/** Any of the one with any of the other. */
export interface Box {
  firsts: string[];
  seconds: Set<string>;
}

/**
 * Pairs of ids ("first second") as boxes that hold all of them, none with more than `most` pairs in it unless one first has so
 * many seconds: however many of those that nobody asked for exist, an answer stays bounded.
 */
export const boxesOf = (pairs: readonly string[], most: number): Box[] => {
  const byFirst = new Map<string, string[]>();
  for (const pair of pairs) {
    const [first, second] = pair.split(' ') as [string, string];
    const seconds = byFirst.get(first);
    if (seconds) seconds.push(second);
    else byFirst.set(first, [second]);
  }
  const boxes: Box[] = [];
  let open: Box | undefined;
  for (const [first, seconds] of byFirst) {
    const joint = new Set([...(open?.seconds ?? []), ...seconds]);
    if (open && (open.firsts.length + 1) * joint.size <= most) {
      open.firsts.push(first);
      open.seconds = joint;
    } else {
      open = { firsts: [first], seconds: new Set(seconds) };
      boxes.push(open);
    }
  }
  return boxes;
};

/**
 * Looks up documents by the pairs of two fields; answers more than was asked for. Not by `$or`, for which DocumentDB reads the whole
 * collection: 20 pairs among 9,000 took 34 ms of its time, and take 1.5.
 */
export const findPairs = async <D extends Document>(
  collection: Collection<D>,
  [first, second]: readonly [keyof D & string, keyof D & string],
  pairs: readonly string[],
  bound: ReadBound,
): Promise<WithId<D>[]> => {
  const finds = boxesOf(pairs, batchSize).map(({ firsts, seconds }) => {
    const filter = { [first]: { $in: oids(firsts) }, [second]: { $in: oids([...seconds]) } } as Filter<D>;
    return reading(() => collection.find(filter, { batchSize, ...bound }).toArray());
  });
  return (await Promise.all(finds)).flat();
};
