import { defineFeature } from '../../catalogue/feature.js';
import { roleItem, roleOrderItem } from './contract.js';
import { operations } from './operations.js';

/**
 * Roles of a community: what they grant, how high they stand, who holds them. They stand in the community's ledger and
 * change by one commit; who holds which stands in the membership. The community's actor decides each change in the turn
 * that commits it.
 *
 * Promises: what was answered counts on every node, within a second as a rule. A crash leaves a change done or not
 * done, never half. A role that was deleted counts for nothing at once.
 */
export const roles = defineFeature({ name: 'roles', needs: [], operations, items: [roleItem, roleOrderItem] });
