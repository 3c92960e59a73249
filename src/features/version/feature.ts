import { bindOpen } from '../../catalogue/bound.js';
import { defineFeature } from '../../catalogue/feature.js';
import { protocols } from '../../protocol/version.js';
import { getVersion } from './contract.js';

/** Tells clients whether what they know of the store still holds. It promises that a restored store never answers as it did before. */
export const version = defineFeature({
  name: 'version',
  needs: [],
  operations: [bindOpen(getVersion, async (_input, { ports }) => ({ protocols: [...protocols], history: ports.store.history }))],
});
