import { defineFeature } from '../../catalogue/feature.js';
import { personItem } from './contract.js';
import { operations } from './operations.js';

/**
 * What one thread allows or denies to roles and members other than their roles do, and the people of a closed thread,
 * who are overrides of members. The thread's actor owns the list and decides each change in the turn that commits it.
 *
 * Promises: a change is one write, and counts for every send and read of the thread from the moment it was answered;
 * sockets of those who may not view it any more are out of its room before what is published next. A thread is closed
 * when `view` is denied to anybody: to whoever may not view it, it is not there. A crash leaves the whole change or
 * none of it; who rejoins a community is in none of its closed threads.
 */
export const overrides = defineFeature({ name: 'overrides', needs: [], operations, items: [personItem] });
