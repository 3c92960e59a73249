import { defineFeature } from '../../catalogue/feature.js';
import { communityItem, membershipItem } from './contract.js';
import { operations } from './operations.js';

/**
 * Communities and who belongs to them. The community's actor commits every change, to the community's ledger or to a
 * membership, and decides in that turn who may; lists are read from the store, and asked about at the actor before they
 * are shown.
 *
 * Promises: a community has one owner at any time. Ids are made before the command is sent, so a command that is sent
 * again to another node makes nothing twice. A crash leaves either the whole change or none of it.
 */
export const communities = defineFeature({ name: 'communities', needs: [], operations, items: [communityItem, membershipItem] });
