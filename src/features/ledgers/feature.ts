import { defineFeature } from '../../catalogue/feature.js';
import { operations } from './operations.js';

/**
 * Everything catches up: a ledger is the numbered log of what changed about one subject (a member, a community, a closed thread), kept by
 * that subject's actor. A device says what it knows of each and gets what changed since, or all of it where that is not known any more.
 * A connection that has synced a ledger hears of its changes from then on.
 *
 * Promises: whoever knows a ledger's rev n gets, on any node and after any crash, every item that changed since, in its present state.
 * Nobody who was told head n later finds a change at or below it that was not there. Nobody is answered about a ledger that they may not
 * see. A crash leaves commits, and the next owner goes on from them.
 */
export const ledgers = defineFeature({ name: 'ledgers', needs: [], operations });
