import type { Feature, StatedIn } from '../catalogue/feature.js';
import { invites } from './invites/feature.js';
import { operations } from './operations/feature.js';
import { presence } from './presence/feature.js';

/** Everything that Parley can do beside version 1. The only list of features. */
export const features = [operations, presence, invites] as const satisfies readonly Feature[];

/** Every operation by its name, for the types of whoever asks. */
export type Stated = StatedIn<typeof features>;
