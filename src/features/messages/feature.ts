import { defineFeature } from '../../catalogue/feature.js';
import { operations } from './operations.js';

/**
 * What is said in threads: sending, changing, reacting, reading, catching up. The thread's actor commits and decides who may; the way of
 * a message from there on (its log, its fan-out) is the engine's, and is measured by counts.
 *
 * Promises: what was answered is durable, and is delivered in the order of `rev`. The same nonce of the same member in the same thread is
 * one message, whatever crashes. Messages of one member to one thread reach the actor in the order of the calls.
 */
export const messages = defineFeature({ name: 'messages', needs: [], operations });
