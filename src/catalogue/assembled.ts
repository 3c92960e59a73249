import type { AddedSlices } from '../actors/domain/ports.js';
import type { CollectionDefinition } from '../store/collection.js';
import { Catalogue } from './catalogue.js';
import { type Feature, inOrder } from './feature.js';
import { type FeaturePorts, featurePorts, type GivenPorts } from './feature-ports.js';
import { Invoke, type InvokeParts } from './invoke.js';

/** What the doors need of the features. */
export interface Assembled {
  catalogue: Catalogue;
  invoke: Invoke;
  ports: FeaturePorts;
}

/** What features add to actors, known before there are any. */
export const slicesOf = (features: readonly Feature[]): AddedSlices => {
  const ordered = inOrder(features);
  return {
    community: ordered.flatMap(({ community }) => (community ? [community] : [])),
    member: ordered.flatMap(({ member }) => (member ? [member] : [])),
  };
};

/** What features keep, known before the store is opened. */
export const collectionsOf = (features: readonly Feature[]): CollectionDefinition[] =>
  features.flatMap(({ collections }) => collections ?? []);

/** Puts features together. Throws for what is stated twice or cannot be used. */
export const assemble = (
  features: readonly Feature[],
  { ports: given, ...parts }: Omit<InvokeParts, 'ports'> & { ports: Omit<GivenPorts, 'places'> },
): Assembled => {
  const catalogue = new Catalogue(inOrder(features));
  const ports = featurePorts({ ...given, places: parts.places }, () => catalogue.operations);
  return { catalogue, invoke: new Invoke({ ...parts, ports }), ports };
};
