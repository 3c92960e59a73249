import type { CommunitySlice } from '../actors/domain/community/slice.js';
import type { MemberSlice } from '../actors/domain/user/slice.js';
import type { CollectionDefinition } from '../store/collection.js';
import type { Bound } from './bound.js';
import type { ItemKind } from './item-kind.js';

/** One capability: a folder below `features`, and one line in `features/index.ts`. */
export interface Feature<B extends readonly Bound[] = readonly Bound[]> {
  name: string;
  /** Features whose contracts it uses. */
  needs: readonly string[];
  operations: B;
  /** What it adds to the actor of each community. */
  community?: CommunitySlice;
  /** What it adds to the actor of each member. */
  member?: MemberSlice;
  /** What it keeps in ledgers, by kind. */
  items?: readonly ItemKind[];
  /** What it keeps: the store is opened with them. */
  collections?: readonly CollectionDefinition[];
}

/** Keeps the types of its operations. */
export const defineFeature = <const B extends readonly Bound[]>(feature: Feature<B>): Feature<B> => feature;

/** Every operation of some features, as stated, by name. */
export type StatedIn<F extends readonly Feature[]> = {
  [S in NonNullable<F[number]['operations'][number]['stated']> as S extends { name: infer N extends string } ? N : never]: S;
};

/** Each before those that need it. Throws when one is named twice, or needs what is not there or needs it in turn. */
export const inOrder = (features: readonly Feature[]): Feature[] => {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  if (byName.size < features.length) throw new Error('Two features have the same name');
  const done = new Set<Feature>();
  const visit = (name: string, path: readonly string[]): void => {
    const feature = byName.get(name);
    if (!feature) throw new Error(`The feature ${path.at(-1)} needs ${name}, which is not there`);
    if (path.includes(name)) throw new Error(`Features need each other in a circle: ${[...path, name].join(', ')}`);
    if (done.has(feature)) return;
    for (const need of feature.needs) visit(need, [...path, name]);
    done.add(feature);
  };
  for (const { name } of features) visit(name, []);
  return [...done];
};
