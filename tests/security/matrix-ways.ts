import type { Operation } from '../../src/catalogue/operation.js';
import { operations, restWaysOf, socketNamesOf } from './doors.js';
import { isOfThread } from './expectation.js';
import type { Visibility } from './permission-table.js';

/** Which operations the matrix asks for through which doors. */

export const byRestToo = operations.filter((operation) => restWaysOf(operation).length > 0);
export const bySocketToo = operations.filter((operation) => socketNamesOf(operation).length > 0);

const isClosed = (visibility: Visibility): boolean => visibility === 'closed' || visibility === 'shut';

/** In closed threads those that are about one. */
export const among = (all: readonly Operation[], visibility: Visibility): Operation[] =>
  isClosed(visibility) ? all.filter(isOfThread) : [...all];

/**
 * In closed threads all go through REST, and each through one of the two doors of sockets, in turns: through the other
 * one in the other kind of closed thread. What REST does not open to goes through both. Outside closed threads
 * everything goes through every door.
 */
export const inTurn = (door: 'socket' | 'websocket', visibility: Visibility): Operation[] =>
  among(bySocketToo, visibility).filter((operation, at) => {
    if (!isClosed(visibility) || !byRestToo.includes(operation)) return true;
    return (at % 2 === 0) === ((door === 'socket') === (visibility === 'closed'));
  });
