import type { CommunitySlice } from '../actors/domain/community/slice.js';
import type { CollectionDefinition } from '../store/collection.js';
import { Catalogue } from './catalogue.js';
import { type Feature, inOrder } from './feature.js';
import type { FeaturePorts } from './feature-ports.js';
import { Invoke, type InvokeParts } from './invoke.js';

/** What the doors need of the features. */
export interface Assembled {
  catalogue: Catalogue;
  invoke: Invoke;
}

/** What features add to actors, known before there are any. */
export const slicesOf = (features: readonly Feature[]): { community: readonly CommunitySlice[] } => ({
  community: inOrder(features).flatMap(({ community }) => (community ? [community] : [])),
});

/** What features keep, known before the store is opened. */
export const collectionsOf = (features: readonly Feature[]): CollectionDefinition[] =>
  features.flatMap(({ collections }) => collections ?? []);

/** Puts features together. Throws for what is stated twice or cannot be used. */
export const assemble = (
  features: readonly Feature[],
  { ports, ...parts }: Omit<InvokeParts, 'ports'> & { ports: Omit<FeaturePorts, 'operations'> },
): Assembled => {
  const catalogue = new Catalogue(inOrder(features));
  return { catalogue, invoke: new Invoke({ ...parts, ports: { ...ports, operations: () => catalogue.operations } }) };
};
