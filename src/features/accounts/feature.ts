import { defineFeature } from '../../catalogue/feature.js';
import { sessionItem } from './contract.js';
import { operations } from './operations.js';

/**
 * Accounts: signing up, signing in and out, devices, and what a member does with their own account.
 *
 * Promises: a username and an e-mail address belong to one account, by unique indexes. Nobody learns by an answer or by its time whether
 * an address is known. Whoever changes what they sign in by, or closes their account, shows their password or has just signed in by it,
 * since an access token may be stolen. An ended session counts for nothing on any node.
 * A crash behind the first write of an account leaves an account that can be signed in to by username. A crash while an account is being
 * closed leaves sessions that are over by the member's record.
 */
export const accounts = defineFeature({ name: 'accounts', needs: [], operations, items: [sessionItem] });
